import { LakesideError } from '../../../base/errors.ts';
import type { Refused } from './answers.ts';

/** How many things that are wrong a sentence names. */
const NAMED = 3;

/** What a server found wrong with a prompt, as a sentence: nothing was queued. */
export function promptRefused({ error, node_errors: nodes }: Refused, server: string): LakesideError {
  const problems = Object.entries(nodes).flatMap(([id, node]) =>
    node.errors.map(({ type, message, details }) => ({
      type,
      said: `${node.class_type === '' ? 'node' : node.class_type} ${id}: ${message}${details === '' ? '' : ` (${details})`}`,
    })),
  );
  const [type, message] = typeof error === 'string' ? ['', error] : [error.type, sentence(error)];
  const named = problems.slice(0, NAMED).map(({ said }) => said);
  const more = problems.length > NAMED ? `; and ${problems.length - NAMED} more` : '';
  const what = named.length === 0 ? message : `${named.join('; ')}${more}`;
  const code =
    type === 'prompt_no_outputs'
      ? 'WORKFLOW_NO_OUTPUT'
      : type === 'invalid_prompt' && /does not exist|not found/.test(message)
        ? 'WORKFLOW_NODE_MISSING'
        : problems.some((problem) => problem.type === 'value_not_in_list')
          ? 'WORKFLOW_MODEL_MISSING'
          : 'WORKFLOW_REFUSED';
  return new LakesideError(
    code,
    'validation',
    `ComfyUI "${server}" refuses the workflow: ${what}. Nothing was queued. Correct the workflow or its values.`,
    { context: { server } },
  );
}

function sentence({ message, details }: { message: string; details: string }): string {
  const clean = message.replace(/\.$/, '');
  return details === '' || details === message ? clean : `${clean} (${details})`;
}
