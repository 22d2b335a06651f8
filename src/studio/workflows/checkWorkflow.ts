import { LakesideError } from '../../base/errors.ts';
import type { WorkflowGraph } from '../../protocol/studioValues.ts';
import { classesOf, literalOf, titleOf } from './graph.ts';
import type { NodeDescriptions } from './nodeDescription.ts';
import { requireImageOutput } from './readWorkflow.ts';

/** At most so many choices are named in a sentence. */
const NAMED_CHOICES = 8;

/**
 * What a server would refuse or fail on, said before anything is sent.
 * @param graph with its values set
 * @param server a name for the sentence
 * @throws LakesideError WORKFLOW_NODE_MISSING, WORKFLOW_MODEL_MISSING, WORKFLOW_NO_OUTPUT
 */
export function checkWorkflow(
  graph: WorkflowGraph,
  workflowName: string,
  descriptions: NodeDescriptions,
  server: string,
): void {
  const missing = classesOf(graph).filter((kind) => !descriptions.has(kind));
  if (missing.length > 0) {
    throw new LakesideError(
      'WORKFLOW_NODE_MISSING',
      'validation',
      `ComfyUI "${server}" lacks ${missing.length === 1 ? 'a node' : 'nodes'} of the workflow "${workflowName}": ${missing.join(', ')}. Install what brings ${missing.length === 1 ? 'it' : 'them'} (ComfyUI's manager can find it), restart ComfyUI and retry.`,
      { context: { nodes: missing.join(', ') } },
    );
  }
  for (const node of Object.values(graph)) {
    for (const [name, said] of Object.entries(node.inputs)) {
      const value = literalOf(said);
      const input = descriptions.get(node.class_type)?.inputs.get(name);
      if (value === undefined || input?.choices === undefined || input.choices.includes(String(value))) continue;
      // Names of uploads in folders, or of another kind of file, are not among the choices.
      if (input.upload && /[/[]/.test(String(value))) continue;
      throw notThere(server, titleOf(node), name, String(value), input.choices);
    }
  }
  requireImageOutput(graph, `The workflow "${workflowName}"`, descriptions);
}

function notThere(
  server: string,
  title: string,
  input: string,
  value: string,
  choices: readonly string[],
): LakesideError {
  const some = choices.slice(0, NAMED_CHOICES).join(', ');
  const has =
    choices.length === 0
      ? 'It has none: put one into its models folder and retry.'
      : `It has ${some}${choices.length > NAMED_CHOICES ? ` and ${choices.length - NAMED_CHOICES} more` : ''}: choose one of them.`;
  return new LakesideError(
    'WORKFLOW_MODEL_MISSING',
    'validation',
    `ComfyUI "${server}" does not have "${value}", which ${title} asks for (${input}). ${has}`,
    { context: { value, input } },
  );
}
