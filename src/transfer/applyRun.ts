import { randomBytes } from 'node:crypto';

import type { Clock } from '../base/clock.ts';
import { canceledError, isCanceled, toLakesideError } from '../base/errors.ts';
import { describeRelpathProblem, relpathProblem } from '../base/relpath.ts';
import type { Progress } from '../protocol/values.ts';
import { FLUSH_TOGETHER_FROM } from './copyItems.ts';
import type { PlanStep, PlanSteps } from './planSteps.ts';
import type { FinalStepStatus, IndexChange, StepOutcome } from './stepOutcome.ts';
import type { SkipCode } from './stepProblem.ts';
import { stepsInWork } from './stepsInWork.ts';
import { JOURNAL_CHUNK_BYTES } from './transferJournal.ts';
import { type RunNames, trashFolderName } from './transferPaths.ts';
import type { TransferPlace } from './transferPlace.ts';
import type { Survey, TransferInput, TransferKind, TransferOutput } from './transferTasks.ts';

/** Runs transfer tasks in worker threads. */
export interface TransferRunner {
  /**
   * Settles with what `runTransferTask` gives. When the signal is aborted the task is told and still gives its outcomes;
   * one that has not begun may reject with CANCELED. `onBytes`: more bytes copied (negative: taken back).
   */
  run<K extends TransferKind>(
    kind: K,
    place: TransferPlace,
    input: TransferInput<K>,
    options: { readonly signal: AbortSignal; readonly onBytes: (bytes: number, before: number) => void },
  ): Promise<TransferOutput<K>>;
}

export interface ApplyRoot {
  /** The marker's. */
  readonly id: string;
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  readonly mtimeStepMs: number;
  readonly network: boolean;
  readonly allowDelete: boolean;
}

export interface ApplyOptions {
  readonly steps: PlanSteps;
  readonly runner: TransferRunner;
  readonly from: ApplyRoot;
  readonly to: ApplyRoot;
  /** The plan's seal: leftovers of an earlier run of the same plan are known by it. */
  readonly seal: string;
  readonly trashEnabled: boolean;
  /** Takes an apply back: `expect.from` of a move is the file at its path, which makes way into the trash, or null. */
  readonly undoes?: boolean;
  /** How many copies may be in flight. */
  readonly parallelFiles: number;
  readonly clock: Clock;
  /** Aborted by a cancellation (reason CANCELED: what is left is recorded as canceled), or because the engine stops. */
  readonly signal: AbortSignal;
  /** Rejects with ROOT_NOT_MOUNTED unless both roots are mounted. */
  readonly requireMounted: () => Promise<void>;
  readonly onProgress: (progress: Progress) => void;
  readonly windows?: boolean;
  /** After how many bytes a copy can be gone on with; for tests. */
  readonly chunkBytes?: number;
  /** From how many small files of a batch on they are flushed together; for tests. */
  readonly flushTogetherFrom?: number;
}

export type ApplyCounts = Record<FinalStepStatus, number> & {
  /** Copied and verified. */
  bytes: number;
};

const PROGRESS_MS = 100;
/** Without any error, the roots are looked at this often all the same. */
const PROBE_MS = 5_000;
export const PAGE_STEPS = 500;
const NEVER = new AbortController().signal;
/** The runs of this process that have not ended: partials of others are nobody's. */
const liveRuns = new Set<string>();

export function liveRunNames(): readonly string[] {
  return [...liveRuns];
}

interface SharedState {
  probedAt: number;
  shownAt: number;
  totals: { items: number; doneItems: number; bytes: number; doneBytes: number };
  inFlightBytes: number;
  /** Copied by this run itself, once or again. */
  movedBytes: number;
}

function newState(): SharedState {
  const totals = { items: 0, doneItems: 0, bytes: 0, doneBytes: 0 };
  return { probedAt: -Infinity, shownAt: -Infinity, totals, inFlightBytes: 0, movedBytes: 0 };
}

function newNames(seal: string): RunNames {
  return { tag: seal.slice(0, 8).padEnd(8, '0'), run: randomBytes(2).toString('hex') };
}

/** What the phases of one apply share: the roots, what was done so far, and how work and results pass through. */
export class ApplyRun {
  readonly options: ApplyOptions;
  readonly counts: ApplyCounts;
  readonly #windows: boolean;
  readonly #stop: AbortController;
  readonly #signal: AbortSignal;
  readonly #shared: SharedState;
  #place: TransferPlace;
  readonly #kept = new Set<string>();

  /** @param forward the run whose other way this is; both count as one */
  constructor(options: ApplyOptions, forward?: ApplyRun) {
    this.options = options;
    this.counts = forward?.counts ?? { done: 0, already: 0, skipped: 0, failed: 0, canceled: 0, bytes: 0 };
    this.#stop = forward === undefined ? new AbortController() : forward.#stop;
    this.#shared = forward === undefined ? newState() : forward.#shared;
    this.#signal = AbortSignal.any([options.signal, this.#stop.signal]);
    this.#windows = options.windows ?? process.platform === 'win32';
    const names = forward === undefined ? newNames(options.seal) : forward.#place.names;
    this.#place = {
      fromId: options.from.id,
      network: { from: options.from.network, to: options.to.network },
      chunkBytes: options.chunkBytes ?? JOURNAL_CHUNK_BYTES,
      flushTogetherFrom: options.flushTogetherFrom ?? FLUSH_TOGETHER_FROM,
      liveRuns: [],
      fromRoot: options.from.path,
      toRoot: options.to.path,
      fromStepMs: options.from.mtimeStepMs,
      toStepMs: options.to.mtimeStepMs,
      names,
      trashFolder: trashFolderName(options.clock.now(), names),
      trashEnabled: options.trashEnabled,
      allowDelete: options.to.allowDelete,
      aside: [],
      foldsCase: false,
      flushesAll: false,
    };
    liveRuns.add(names.run);
  }

  /** The run of the steps that change *from*: the roots have changed places. */
  reversed(): ApplyRun {
    const { from, to, steps } = this.options;
    return new ApplyRun({ ...this.options, from: to, to: from, steps: steps.reversed() }, this);
  }

  /** Must follow on the last task: partials of a run that ended may be taken over. */
  end(): void {
    liveRuns.delete(this.#place.names.run);
  }

  /** From here on every task looks whether the roots are still these. */
  setSurvey({ aside, sights, foldsCase, flushesAll }: Omit<Survey, 'freeBytes' | 'changes'>): void {
    this.#place = { ...this.#place, aside, sights, foldsCase, flushesAll };
  }

  /** Whether one flush puts all that was written on the target's device. */
  get flushesTogether(): boolean {
    return this.#place.flushesAll;
  }

  /** Files that were lifted and got no place: they wait aside for the next apply of this plan. */
  keepAside(relpaths: readonly string[]): void {
    for (const relpath of relpaths) this.#kept.add(relpath);
  }

  get keptAside(): readonly string[] {
    return [...this.#kept];
  }

  setTotals(totals: { items: number; doneItems: number; bytes: number; doneBytes: number }): void {
    this.#shared.totals = { ...totals };
    this.#show();
  }

  /** Whether anything asks this run to end. */
  get isStopped(): boolean {
    return this.options.signal.aborted || this.#stop.signal.aborted;
  }

  /** Ends the tasks in flight, as when a root went away. */
  stop(reason: unknown): void {
    this.#stop.abort(reason);
  }

  /** Throws why this run has to end. */
  throwIfStopped(): void {
    if (this.#stop.signal.aborted) throw toLakesideError(this.#stop.signal.reason);
    if (this.options.signal.aborted) throw toLakesideError(this.options.signal.reason);
  }

  /** Runs a task; `fallback` stands for one that was canceled before it began. */
  async run<K extends TransferKind>(
    kind: K,
    input: TransferInput<K>,
    fallback: () => TransferOutput<K>,
    { stoppable }: { readonly stoppable: boolean } = { stoppable: true },
  ): Promise<TransferOutput<K>> {
    const steps = stepsInWork(kind, input);
    if (steps.length > 0) await this.options.steps.begin(steps);
    let bytes = 0;
    try {
      return await this.options.runner.run(kind, { ...this.#place, liveRuns: [...liveRuns] }, input, {
        signal: stoppable ? this.#signal : NEVER,
        onBytes: (more, before) => {
          bytes += more;
          this.#shared.inFlightBytes += more;
          // What is taken back was moved all the same.
          this.#shared.movedBytes += Math.max(0, more - before);
          this.#show();
        },
      });
    } catch (error) {
      if (!isCanceled(error)) throw error;
      return fallback();
    } finally {
      this.#shared.inFlightBytes -= bytes;
    }
  }

  /**
   * Records outcomes, unless a root went away meanwhile: then nothing that its absence may have caused is believed.
   */
  async record(
    steps: readonly PlanStep[],
    outcomes: readonly StepOutcome[],
    further: readonly IndexChange[] = [],
  ): Promise<void> {
    const final = outcomes.filter(({ status }) => status !== 'canceled');
    if (final.length === 0 && further.length === 0) return;
    const clean = final.every(({ status }) => status === 'done');
    if (!clean || this.options.clock.now() - this.#shared.probedAt >= PROBE_MS) await this.requireMounted();
    await this.options.steps.record(final, further);
    const sizes = new Map(steps.map((step) => [step.step, step.op === 'copy' ? (step.expect.from?.size ?? 0) : 0]));
    for (const { step, status, bytes } of final) {
      this.counts[status] += 1;
      this.counts.bytes += bytes;
      this.#shared.totals.doneItems += 1;
      this.#shared.totals.doneBytes += sizes.get(step) ?? 0;
    }
    this.#show();
  }

  async requireMounted(): Promise<void> {
    try {
      await this.options.requireMounted();
    } catch (error) {
      this.stop(error);
      throw error;
    }
    this.#shared.probedAt = this.options.clock.now();
  }

  /** Records the same end for all pending steps of a kind, or for all conflicts that are not decided. */
  async endPending(
    op: PlanStep['op'] | 'undecided',
    status: 'skipped' | 'canceled',
    code: SkipCode | 'CANCELED',
    reason: string,
  ): Promise<void> {
    for (let after = -1; ;) {
      const { steps } = this.options;
      const page = await (op === 'undecided'
        ? steps.undecided(after, PAGE_STEPS)
        : steps.pending(op, after, PAGE_STEPS));
      const last = page.at(-1);
      if (last === undefined) return;
      after = last.step;
      await steps.record(
        page.map(({ step }) => ({ step, status, code, reason, bytes: 0, changes: [] })),
        [],
      );
      this.counts[status] += page.length;
      // What was canceled is not done, and is taken up when the plan is applied again.
      if (status !== 'canceled') this.#shared.totals.doneItems += page.length;
      this.#show();
    }
  }

  /** Splits steps into those whose paths can be used, and the outcomes of those whose cannot. */
  checkPaths(steps: readonly PlanStep[]): { readonly safe: PlanStep[]; readonly unsafe: StepOutcome[] } {
    const safe: PlanStep[] = [];
    const unsafe: StepOutcome[] = [];
    for (const step of steps) {
      const reason = this.#pathProblem(step);
      if (reason === undefined) safe.push(step);
      else unsafe.push(skippedOutcome(step, 'UNSAFE_PATH', reason));
    }
    return { safe, unsafe };
  }

  #pathProblem(step: PlanStep): string | undefined {
    for (const path of [step.path, step.movedFrom, step.fromPath]) {
      if (path === undefined) continue;
      const problem = relpathProblem(path, { windows: this.#windows });
      if (problem !== undefined) {
        return `The path ${JSON.stringify(path)} ${describeRelpathProblem(problem)}, and is not touched.`;
      }
    }
    const { trashed } = step;
    if (trashed === undefined || (!trashed.includes('/') && relpathProblem(trashed, { windows: true }) === undefined)) {
      return undefined;
    }
    return `${JSON.stringify(trashed)} is no folder of the trash, and is not touched.`;
  }

  #show(): void {
    const now = this.options.clock.now();
    if (now - this.#shared.shownAt < PROGRESS_MS) return;
    this.showNow();
  }

  showNow(): void {
    this.#shared.shownAt = this.options.clock.now();
    const { items, doneItems, bytes, doneBytes } = this.#shared.totals;
    const doneNow = Math.max(0, Math.min(bytes, doneBytes + this.#shared.inFlightBytes));
    const { movedBytes } = this.#shared;
    this.options.onProgress({ doneItems, totalItems: items, doneBytes: doneNow, totalBytes: bytes, movedBytes });
  }
}

export function skippedOutcome(step: PlanStep, code: SkipCode, reason: string): StepOutcome {
  return { step: step.step, status: 'skipped', code, reason, bytes: 0, changes: [] };
}

export function canceledOutcome(step: number): StepOutcome {
  const { code, message } = canceledError('The apply');
  return { step, status: 'canceled', code, reason: message, bytes: 0, changes: [] };
}
