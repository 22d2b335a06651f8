import type { LakesideError } from '../../base/errors.ts';
import type { RunSnapshot } from '../../protocol/studioValues.ts';
import { EXTENSION_OF, type ImageFormat } from '../images/imageFormat.ts';

/** What is done about a part that is not done; docs/runs.md holds the same for people. */
export type PartStep = 'send' | 'takeUp' | 'skip';

export function nextPartStep(status: 'pending' | 'submitted' | 'done'): PartStep {
  return ({ pending: 'send', submitted: 'takeUp', done: 'skip' } as const)[status];
}

/** Where in the making of a part something failed. */
export type PartStage = 'submit' | 'takeUp' | 'observe' | 'check' | 'store';

/**
 * What becomes of a part that failed.
 * - `keep`: it was sent; whoever runs it next looks for it again, and sends nothing
 * - `reset`: it may be sent anew by the next attempt: by the queue, where the error says that nothing was made or
 *   charged, else by a person
 * - `cancel`: as reset, after the provider was told to end what it may still be doing
 */
export type PartFate = 'keep' | 'reset' | 'cancel';

export function fateOfPart(stage: PartStage, error: Pick<LakesideError, 'retryable' | 'category' | 'code'>): PartFate {
  const { retryable, category, code } = error;
  switch (stage) {
    case 'submit':
      return 'reset';
    // The provider could not be asked, or this machine could not look: there may be a good image.
    case 'takeUp':
      return retryable || category === 'infra' ? 'keep' : 'reset';
    case 'check':
      return retryable || code === 'IMAGE_LIBRARY_MISSING' ? 'keep' : 'reset';
    case 'observe':
      return retryable ? 'keep' : 'cancel';
    // The image is there and paid for; only our disk or database is at fault.
    case 'store':
      return 'keep';
  }
}

/** The seed of each part: the run's own, and each further one the next. */
export function seedsOf({ generation }: RunSnapshot): number[] {
  return Array.from({ length: generation.count }, (_, index) => (generation.seed + index) % Number.MAX_SAFE_INTEGER);
}

export const STAGE = 'image';

/** `<stage>-<variant>-<n>.png`: the variant is the part's number. */
export function imageFileName(part: number, n: number, format: ImageFormat): string {
  return `${STAGE}-${part}-${n}.${EXTENSION_OF[format]}`;
}

/** The model a run was made with, as far as it was named: in its values, or in its workflow. */
export function modelOf({ generation, workflow }: RunSnapshot): string {
  const binding = workflow?.bindings.find(({ name }) => name === 'model');
  const inGraph = binding === undefined ? undefined : workflow?.graph[binding.node]?.inputs[binding.input];
  const model = generation.values.model ?? inGraph;
  return typeof model === 'string' ? model : '';
}
