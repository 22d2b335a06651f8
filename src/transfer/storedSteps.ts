import type { Clock } from '../base/clock.ts';
import { retryWhileBusy } from '../store/busyRetry.ts';
import type { FileRow, FileStore } from '../store/fileStore.ts';
import type { KeeperStore } from '../store/keeperStore.ts';
import type { Lease } from '../store/jobLeases.ts';
import type { StepsOf, StepStore, StoredChange } from '../store/stepStore.ts';
import type { StepTries } from '../store/stepTries.ts';
import type { VerifiedStore } from '../store/verifiedStore.ts';
import type { FileState, PlanStep, PlanSteps } from './planSteps.ts';
import type { IndexChange } from './stepOutcome.ts';
import { parseTrashFolderName } from './transferPaths.ts';
import { turnedStep } from './turnedStep.ts';

export interface StoredStepsOptions {
  readonly steps: StepStore;
  readonly tries: StepTries;
  readonly files: FileStore;
  readonly keepers: KeeperStore;
  readonly verified: VerifiedStore;
  readonly clock: Clock;
  readonly lease: Lease;
  readonly planKey: number;
  readonly fromRootKey: number;
  readonly toRootKey: number;
}

/** The steps of an apply job in the store; makes their rows where the job is new. */
export async function openStoredSteps(options: StoredStepsOptions): Promise<PlanSteps> {
  const { steps, clock, lease } = options;
  const of: StepsOf = { jobKey: lease.key, planKey: options.planKey };
  while (await retryWhileBusy(() => steps.begin(of), clock));
  const forward = oneWay(options, of, { from: options.fromRootKey, to: options.toRootKey });
  const reverse = oneWay(
    options,
    { ...of, direction: 'reverse' },
    { from: options.toRootKey, to: options.fromRootKey },
  );
  return {
    ...forward,
    reversed: () => ({ ...reverse, reversed: () => forward }),
    undecided: (after, limit) => retryWhileBusy(() => steps.undecided(of, after, limit), clock),
  };
}

/** @param rootKeys as the steps see them: *to* is what they change */
function oneWay(
  { steps, tries, files, keepers, verified, clock, lease }: StoredStepsOptions,
  of: StepsOf,
  rootKeys: { readonly from: number; readonly to: number },
): PlanSteps {
  const turn = (found: readonly PlanStep[]): readonly PlanStep[] =>
    of.direction === undefined ? found : found.map(turnedStep);
  const self: PlanSteps = {
    totals: () => retryWhileBusy(() => steps.totals(of), clock),
    reversed: () => self,
    undecided: () => Promise.resolve([]),
    pending: async (op, after, limit) => turn(await retryWhileBusy(() => steps.pending(of, op, after, limit), clock)),
    deletesAt: async (path) => turn(await retryWhileBusy(() => steps.deletesAt(of, path), clock)),
    finishedMoves: async (after, limit) =>
      turn(await retryWhileBusy(() => steps.finishedMoves(of, after, limit), clock)),
    begin: (numbers) => retryWhileBusy(() => tries.begin(lease, numbers), clock),
    record(outcomes, further) {
      const changes = [...outcomes.flatMap((outcome) => outcome.changes), ...further].map((change) => ({
        rootKey: rootKeys[change.root],
        change: toStoredChange(change, clock.now()),
      }));
      return retryWhileBusy(() => steps.record(lease, outcomes, changes), clock);
    },
    depart(leaving) {
      const asked = leaving.map(({ path, blake3, lastCopy }) => ({
        path,
        lastCopy,
        blake3: blake3 === undefined ? undefined : Buffer.from(blake3, 'hex'),
      }));
      return retryWhileBusy(() => keepers.departAll(lease.key, rootKeys.to, asked), clock);
    },
    departKept: (leaving) =>
      retryWhileBusy(() => keepers.departKept(lease.key, rootKeys.to, rootKeys.from, leaving), clock),
    settleDepartures: (paths) => retryWhileBusy(() => keepers.settlePaths(lease.key, rootKeys.to, paths), clock),
    knownHash: (root, path, size, mtimeMs) => hashOf(files.get(rootKeys[root], path), { size, mtimeMs }),
    knownHashes(root, asked) {
      const rows = files.getAll(
        rootKeys[root],
        asked.map(({ path }) => path),
      );
      // A target that is damaged holds something else than its hash says. A source keeps its hash, which a copy is checked by.
      const damaged =
        root === 'to'
          ? verified.areRotten(
              rootKeys.to,
              asked.map(({ path }) => path),
            )
          : [];
      return asked.map((state, index) => (damaged[index] === true ? undefined : hashOf(rows[index], state)));
    },
  };
  return self;
}

function hashOf(row: FileRow | undefined, { size, mtimeMs }: Pick<FileState, 'size' | 'mtimeMs'>): string | undefined {
  return row?.size === size && row.mtimeMs === mtimeMs ? row.blake3?.toString('hex') : undefined;
}

/** A change as the store takes it. */
export function toStoredChange(change: IndexChange, nowMs: number): StoredChange {
  if (change.kind !== 'trash') return change;
  return { ...change, trashedAt: parseTrashFolderName(change.folder)?.startedAtMs ?? nowMs };
}
