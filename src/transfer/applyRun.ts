import { randomBytes } from 'node:crypto';

import { isCanceled, toLakesideError } from '../base/errors.ts';
import type { ApplyCounts, ApplyOptions } from './applyOptions.ts';
import { ApplyProgress } from './applyProgress.ts';
import { FLUSH_TOGETHER_FROM } from './copyItems.ts';
import type { PlanStep } from './planSteps.ts';
import type { IndexChange, StepOutcome } from './stepOutcome.ts';
import type { SkipCode } from './stepProblem.ts';
import { stepsInWork } from './stepsInWork.ts';
import { JOURNAL_CHUNK_BYTES } from './transferJournal.ts';
import { type RunNames, trashFolderName } from './transferPaths.ts';
import type { TransferPlace } from './transferPlace.ts';
import type { Survey, TransferInput, TransferKind, TransferOutput } from './transferTasks.ts';

/** Without any error, the roots are looked at this often all the same. */
const PROBE_MS = 5_000;
export const PAGE_STEPS = 500;
const NEVER = new AbortController().signal;
/** The runs of this process that have not ended: partials of others are nobody's. */
const liveRuns = new Set<string>();

export function liveRunNames(): readonly string[] {
  return [...liveRuns];
}

function newNames(seal: string): RunNames {
  return { tag: seal.slice(0, 8).padEnd(8, '0'), run: randomBytes(2).toString('hex') };
}

/** What the phases of one apply share: the roots, what was done so far, and how work and results pass through. */
export class ApplyRun {
  readonly options: ApplyOptions;
  readonly counts: ApplyCounts;
  readonly #stop: AbortController;
  readonly #signal: AbortSignal;
  readonly progress: ApplyProgress;
  /** When the roots were last looked at; both ways of a plan count as one. */
  readonly #probed: { at: number };
  #place: TransferPlace;
  readonly #kept = new Set<string>();

  /** @param forward the run whose other way this is; both count as one */
  constructor(options: ApplyOptions, forward?: ApplyRun) {
    this.options = options;
    this.counts = forward?.counts ?? { done: 0, already: 0, skipped: 0, failed: 0, canceled: 0, bytes: 0 };
    this.#stop = forward === undefined ? new AbortController() : forward.#stop;
    this.progress = forward?.progress ?? new ApplyProgress(options.clock, options.onProgress);
    this.#probed = forward === undefined ? { at: -Infinity } : forward.#probed;
    this.#signal = AbortSignal.any([options.signal, this.#stop.signal]);
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
          // What is taken back was moved all the same.
          this.progress.addInFlight(more, Math.max(0, more - before));
        },
      });
    } catch (error) {
      if (!isCanceled(error)) throw error;
      return fallback();
    } finally {
      this.progress.landed(bytes);
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
    if (!clean || this.options.clock.now() - this.#probed.at >= PROBE_MS) await this.requireMounted();
    await this.options.steps.record(final, further);
    const sizes = new Map(steps.map((step) => [step.step, step.op === 'copy' ? (step.expect.from?.size ?? 0) : 0]));
    let doneBytes = 0;
    for (const { step, status, bytes } of final) {
      this.counts[status] += 1;
      this.counts.bytes += bytes;
      doneBytes += sizes.get(step) ?? 0;
    }
    this.progress.done(final.length, doneBytes);
  }

  async requireMounted(): Promise<void> {
    try {
      await this.options.requireMounted();
    } catch (error) {
      this.stop(error);
      throw error;
    }
    this.#probed.at = this.options.clock.now();
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
      this.progress.done(status === 'canceled' ? 0 : page.length, 0);
    }
  }
}
