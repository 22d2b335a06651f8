import type { Clock } from '../base/clock.ts';
import { retryWhileBusy } from '../store/busyRetry.ts';
import type { FileStore } from '../store/fileStore.ts';
import type { Lease } from '../store/jobLeases.ts';
import type { StepStore } from '../store/stepStore.ts';
import type { PlanSteps } from './planSteps.ts';

export interface StoredStepsOptions {
  readonly steps: StepStore;
  readonly files: FileStore;
  readonly clock: Clock;
  readonly lease: Lease;
  readonly planKey: number;
  readonly fromRootKey: number;
  readonly toRootKey: number;
}

/** The steps of an apply job in the store; makes their rows where the job is new. */
export async function openStoredSteps(options: StoredStepsOptions): Promise<PlanSteps> {
  const { steps, files, clock, lease } = options;
  const of = { jobKey: lease.key, planKey: options.planKey };
  const rootKeys = { from: options.fromRootKey, to: options.toRootKey };
  while (await retryWhileBusy(() => steps.begin(of), clock));
  return {
    totals: () => retryWhileBusy(() => steps.totals(of), clock),
    pending: (op, after, limit) => retryWhileBusy(() => steps.pending(of, op, after, limit), clock),
    deletesAt: (path) => retryWhileBusy(() => steps.deletesAt(of, path), clock),
    finishedMoves: (after, limit) => retryWhileBusy(() => steps.finishedMoves(of, after, limit), clock),
    record(outcomes, further) {
      const changes = [...outcomes.flatMap((outcome) => outcome.changes), ...further].map((change) => ({
        rootKey: rootKeys[change.root],
        change,
      }));
      return retryWhileBusy(() => steps.record(lease, outcomes, changes), clock);
    },
    knownHash(root, path, size, mtimeMs) {
      const row = files.get(rootKeys[root], path);
      if (row?.size !== size || row.mtimeMs !== mtimeMs) return undefined;
      return row.blake3?.toString('hex');
    },
  };
}
