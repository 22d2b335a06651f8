import { LakesideError } from '../base/errors.ts';
import { formatCount, formatQuantity } from '../base/format.ts';
import type { CallOptions, CallUseCase, UseCaseOutput } from '../protocol/useCases.ts';

/** What a person must confirm before a plan that changes much is applied. */
export type Confirmation = NonNullable<UseCaseOutput<'plans.info'>['confirmation']>;

/** Numbers may change while the question is on the screen; more than a few times, something else is wrong. */
const QUESTIONS = 5;

/**
 * Applies a plan. One that deletes and replaces more than the setting allows is asked about first; where its numbers
 * changed meanwhile, it is asked again with the new ones.
 * @param ask whether the person confirms just these numbers
 * @throws LakesideError CANCELED when they do not
 */
export async function applyConfirmed(
  call: CallUseCase,
  plan: string,
  ask: (confirmation: Confirmation) => Promise<boolean>,
  options: CallOptions = {},
): Promise<{ job: string }> {
  for (let asked = 0; ; asked++) {
    const { confirmation } = await call('plans.info', { plan }, { signal: options.signal });
    if (confirmation !== undefined && !(await ask(confirmation))) {
      throw new LakesideError('CANCELED', 'policy', 'The plan was not applied.');
    }
    const confirmed =
      confirmation === undefined
        ? {}
        : { confirmed: { deletes: confirmation.deletes, replaces: confirmation.replaces } };
    try {
      return await call('plans.apply', { plan, ...confirmed }, asked === 0 ? options : { signal: options.signal });
    } catch (error) {
      const isStale = error instanceof LakesideError && error.code === 'PLAN_NEEDS_CONFIRMATION';
      if (!isStale || asked + 1 >= QUESTIONS) throw error;
    }
  }
}

/** What the button does: `Delete 1,204 files and replace 310`. */
export function confirmLabel({ deletes, replaces }: Pick<Confirmation, 'deletes' | 'replaces'>): string {
  if (deletes === 0) return `Replace ${formatQuantity(replaces, 'file')}`;
  if (replaces === 0) return `Delete ${formatQuantity(deletes, 'file')}`;
  return `Delete ${formatQuantity(deletes, 'file')} and replace ${formatCount(replaces)}`;
}
