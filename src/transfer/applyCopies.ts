import { toLakesideError } from '../base/errors.ts';
import { formatBytes } from '../base/format.ts';
import { parentFolder } from '../base/relpath.ts';
import { rootTitle } from '../base/rootTitle.ts';
import { clearPath } from './applyDeletes.ts';
import { withKeepers } from './applyDepartures.ts';
import { type ApplyRun, PAGE_STEPS } from './applyRun.ts';
import { canceledOutcome, skippedOutcome } from './stepOutcome.ts';
import { checkPaths } from './stepPaths.ts';
import type { CopyOutcome } from './copyItems.ts';
import type { CopyItem } from './copyStep.ts';
import type { PlanStep } from './planSteps.ts';
import type { PreparedFolder } from './prepareFolder.ts';
import type { StepOutcome } from './stepOutcome.ts';

/** How many small files travel together: one message, one transaction and one flush of each folder for all of them. */
export interface BatchSize {
  readonly files: number;
  readonly bytes: number;
}
export const BATCH: BatchSize = { files: 32, bytes: 8 * 1024 * 1024 };
/** Where one flush puts all of them on the device. */
export const FLUSHED_BATCH: BatchSize = { files: 500, bytes: 32 * 1024 * 1024 };

interface Copy {
  readonly step: PlanStep;
  readonly item: CopyItem;
}

/** The copies of a plan, several in flight. Returns how many failed, those of earlier attempts of this job included. */
export async function applyCopies(run: ApplyRun, freeBytes: number, failedBefore: number): Promise<number> {
  const copies = new Copies(run, failedBefore);
  await copies.checkSpace(freeBytes);
  await copies.runAll();
  return copies.failed;
}

class Copies {
  failed: number;
  readonly #run: ApplyRun;
  readonly #folders = new Map<string, Promise<PreparedFolder>>();
  readonly #cleared = new Map<string, Promise<boolean>>();
  readonly #inFlight = new Set<Promise<void>>();
  #diskFull: string | undefined;
  #error: unknown;

  constructor(run: ApplyRun, failedBefore: number) {
    this.#run = run;
    this.failed = failedBefore;
  }

  /** Refuses all copies where they cannot fit. Copies that an earlier run finished need no space. */
  async checkSpace(freeBytes: number): Promise<void> {
    const { steps, to } = this.#run.options;
    const totals = await steps.totals();
    if (totals.bytes - totals.doneBytes <= freeBytes) return;
    let needed = 0;
    for await (const copies of this.#pages()) {
      needed += await this.#run.run('needed', { items: copies.map(({ item }) => item) }, () => 0);
    }
    if (needed <= freeBytes) return;
    const first = (await steps.pending('copy', -1, 1))[0];
    if (first === undefined) return;
    const reason = `The plan copies ${formatBytes(needed)} to ${rootTitle(to.name)}, where ${formatBytes(freeBytes)} are free. Free ${formatBytes(needed - freeBytes)}, and apply again.`;
    this.failed += 1;
    await this.#run.record(
      [first],
      [{ step: first.step, status: 'failed', code: 'DISK_FULL', reason, bytes: 0, changes: [] }],
    );
    this.#diskFull = reason;
  }

  async runAll(): Promise<void> {
    try {
      for await (const page of this.#pages()) {
        for (const batch of batches(page, this.#run.flushesTogether ? FLUSHED_BATCH : BATCH)) {
          while (this.#inFlight.size >= this.#run.options.parallelFiles) await Promise.race(this.#inFlight);
          if (this.#mustEnd()) break;
          this.#start(batch);
        }
        if (this.#mustEnd()) break;
      }
    } finally {
      await Promise.all(this.#inFlight);
    }
    if (this.#error !== undefined) throw toLakesideError(this.#error);
    this.#run.throwIfStopped();
    if (this.#diskFull !== undefined) {
      await this.#run.endPending(
        'copy',
        'skipped',
        'DISK_FULL',
        `Not tried, because the disk is full. ${this.#diskFull}`,
      );
    }
  }

  #mustEnd(): boolean {
    return this.#run.isStopped || this.#diskFull !== undefined || this.#error !== undefined;
  }

  async *#pages(): AsyncGenerator<Copy[]> {
    const { steps } = this.#run.options;
    for (let after = -1; !this.#mustEnd();) {
      const page = await steps.pending('copy', after, PAGE_STEPS);
      const last = page.at(-1);
      if (last === undefined) return;
      after = last.step;
      const { safe, unsafe } = checkPaths(page, this.#run.options);
      const incomplete = safe.filter(({ expect }) => expect.from === null);
      await this.#run.record(page, [
        ...unsafe,
        ...incomplete.map((step) =>
          skippedOutcome(
            step,
            'PLAN_CONFLICT',
            `The plan does not say which file is copied to ${step.path}. Make a new plan.`,
          ),
        ),
      ]);
      yield this.#copiesOf(safe);
    }
  }

  #copiesOf(steps: readonly PlanStep[]): Copy[] {
    const complete = steps.flatMap((step) => {
      const { from, to } = step.expect;
      return from === null ? [] : [{ step, from, to }];
    });
    const states = complete.map(({ step, from }) => ({ path: step.path, size: from.size, mtimeMs: from.mtimeMs }));
    const sources = states.map((state, index) => ({ ...state, path: complete[index]?.step.fromPath ?? state.path }));
    const knownFrom = this.#run.options.steps.knownHashes('from', sources);
    const knownTo = this.#run.options.steps.knownHashes('to', states);
    return complete.map(({ step, from, to }, index) => {
      const known = { from: knownFrom[index], to: knownTo[index] };
      const item = {
        step: step.step,
        path: step.path,
        ...(step.fromPath === undefined ? {} : { sourcePath: step.fromPath }),
        from,
        to,
        ...(known.from === undefined ? {} : { knownFrom: known.from }),
        ...(known.to === undefined ? {} : { knownTo: known.to }),
      };
      return { step, item };
    });
  }

  #start(batch: readonly Copy[]): void {
    const task = this.#runBatch(batch)
      .catch((error: unknown) => {
        this.#error ??= error;
        this.#run.stop(error);
      })
      .finally(() => this.#inFlight.delete(task));
    this.#inFlight.add(task);
  }

  async #runBatch(batch: readonly Copy[]): Promise<void> {
    const ready: Copy[] = [];
    const refused: StepOutcome[] = [];
    for (const copy of batch) {
      const folder = await this.#prepare(parentFolder(copy.step.path));
      if (folder.status === 'ready') ready.push(copy);
      else refused.push(refusedOutcome(copy.step, folder));
    }
    const outcomes = await this.#copy(ready);
    const outcomeOf = new Map(outcomes.map((outcome) => [outcome.step, outcome]));
    const cleared: Copy[] = [];
    for (const copy of ready) {
      const outcome = outcomeOf.get(copy.step.step);
      if (outcome?.blockedAt === undefined) continue;
      if (await this.#clear(outcome.blockedAt)) {
        cleared.push(copy);
        // The folder may have gone with the last of its files, and comes back in the spelling of the plan.
        if (outcome.isSpelling === true) await this.#prepareAgain(parentFolder(copy.step.path));
      } else if (outcome.isSpelling === true) cleared.push({ ...copy, item: { ...copy.item, anySpelling: true } });
    }
    const again = new Set(cleared.map(({ step }) => step.step));
    const settled = outcomes.filter(({ step }) => !again.has(step));
    await this.#settle(batch, [...refused, ...settled, ...(await this.#copy(cleared))]);
  }

  async #copy(copies: readonly Copy[]): Promise<readonly CopyOutcome[]> {
    if (copies.length === 0) return [];
    const removals = copies.flatMap(({ step, item }) =>
      item.to === null ? [] : [{ path: item.path, expected: item.to, lastCopy: step.lastCopy === true }],
    );
    return withKeepers(this.#run, removals, (keepers) => {
      const items = copies.map(({ item }) => (item.to === null ? item : { ...item, keepers: keepers.get(item.path) }));
      return this.#run.run('copy', { items }, () => copies.map(({ step }) => canceledOutcome(step.step)));
    });
  }

  async #settle(batch: readonly Copy[], outcomes: readonly StepOutcome[]): Promise<void> {
    await this.#run.record(
      batch.map(({ step }) => step),
      outcomes,
    );
    for (const { status, code, reason } of outcomes) {
      if (status !== 'failed') continue;
      this.failed += 1;
      if (code === 'DISK_FULL') this.#diskFull ??= reason ?? '';
    }
  }

  async #prepareAgain(folder: string): Promise<void> {
    this.#folders.delete(folder);
    await this.#prepare(folder);
  }

  /** Once a folder; a file in its way is cleared where a delete of the plan says so. */
  async #prepare(folder: string): Promise<PreparedFolder> {
    let prepared = this.#folders.get(folder);
    if (prepared === undefined) {
      prepared = this.#prepareNow(folder);
      this.#folders.set(folder, prepared);
    }
    return prepared;
  }

  async #prepareNow(folder: string): Promise<PreparedFolder> {
    const canceled: PreparedFolder = { status: 'canceled', code: 'CANCELED', reason: 'The apply was canceled.' };
    const first = await this.#run.run('prepare', { folder }, () => canceled);
    if (first.status !== 'blocked' || !(await this.#clear(first.at))) return first;
    return this.#run.run('prepare', { folder }, () => canceled);
  }

  /** Runs the plan's deletes of this path and below it, ahead of their turn. False where it has none. */
  async #clear(path: string): Promise<boolean> {
    let cleared = this.#cleared.get(path);
    if (cleared === undefined) {
      cleared = clearPath(this.#run, path);
      this.#cleared.set(path, cleared);
    }
    return cleared;
  }
}

function refusedOutcome(step: PlanStep, folder: Exclude<PreparedFolder, { status: 'ready' }>): StepOutcome {
  const { reason } = folder;
  if (folder.status === 'blocked') return skippedOutcome(step, 'TARGET_EXISTS', reason);
  return {
    step: step.step,
    status: folder.status,
    code: folder.code,
    reason: `${step.path} was not copied. ${reason}`,
    bytes: 0,
    changes: [],
  };
}

function* batches(copies: readonly Copy[], most: BatchSize): Generator<Copy[]> {
  let batch: Copy[] = [];
  let bytes = 0;
  for (const copy of copies) {
    if (batch.length > 0 && (batch.length >= most.files || bytes + copy.item.from.size > most.bytes)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(copy);
    bytes += copy.item.from.size;
  }
  if (batch.length > 0) yield batch;
}
