import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';
import type { Progress } from '../protocol/values.ts';
import { retryWhileBusy } from '../store/busyRetry.ts';
import { MOST_SAMPLES, type NewLogLine } from '../store/jobHistory.ts';
import type { JobLeases, Lease, LeaseNotes } from '../store/jobLeases.ts';
import type { Transition } from '../store/jobStore.ts';

const WRITE_EVERY_MS = 250;
const SAMPLE_EVERY_MS = 2_000;
/** Lines of a job that wait to be written; a handler that says more is cut short. */
const MOST_WAITING_LINES = 500;

export interface JobRecorderOptions {
  readonly leases: JobLeases;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
  /** What was written, told once it is. */
  readonly onWritten: (leases: readonly Lease[]) => void;
}

interface Pending {
  readonly lease: Lease;
  progress: Progress | undefined;
  lines: NewLogLine[];
  leftOut: number;
  sample: boolean;
  release: Transition | undefined;
}

interface Sampling {
  last: Progress;
  everyMs: number;
  at: number;
  count: number;
}

/**
 * What the jobs in this process's hands have to write: progress, lines, samples of their speed, and their ends. All of it
 * goes together, at most four times a second; an end goes at once, with whatever else ends in the same turn.
 */
export class JobRecorder {
  readonly #options: JobRecorderOptions;
  readonly #sampling = new Map<number, Sampling>();
  #pending = new Map<string, Pending>();
  #ends: { readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = [];
  #timer: Disposable | undefined;
  #writing: Promise<void> | undefined;
  #urgent = false;
  #writtenAt = -Infinity;

  constructor(options: JobRecorderOptions) {
    this.#options = options;
  }

  progress(lease: Lease, progress: Progress): void {
    const pending = this.#of(lease);
    pending.progress = progress;
    // Asked each time: it also notes how far the job is.
    const isDue = this.#isSampleDue(lease.key, progress);
    pending.sample ||= isDue;
    this.#schedule();
  }

  log(lease: Lease, line: NewLogLine): void {
    const pending = this.#of(lease);
    if (pending.lines.length < MOST_WAITING_LINES) pending.lines.push(line);
    else pending.leftOut++;
    this.#schedule();
  }

  /** Lets go of a job, after all else that is known of it. Rejects where that could not be written. */
  release(lease: Lease, to: Transition): Promise<void> {
    const pending = this.#of(lease);
    pending.release = to;
    // How far it came is known to the last byte.
    pending.progress ??= this.#sampling.get(lease.key)?.last;
    pending.sample = true;
    this.#sampling.delete(lease.key);
    this.#urgent = true;
    return new Promise((resolve, reject) => {
      this.#ends.push({ resolve, reject });
      this.#schedule();
    });
  }

  #of(lease: Lease): Pending {
    const slot = `${lease.key} ${lease.fence}`;
    const known = this.#pending.get(slot);
    if (known !== undefined) return known;
    const pending: Pending = { lease, progress: undefined, lines: [], leftOut: 0, sample: false, release: undefined };
    this.#pending.set(slot, pending);
    return pending;
  }

  /** The samples of a long job are thinned; those to come then lie as far apart as those that are left. */
  #isSampleDue(key: number, last: Progress): boolean {
    const { clock } = this.#options;
    const sampling = this.#sampling.get(key) ?? { last, everyMs: SAMPLE_EVERY_MS, at: -Infinity, count: 0 };
    this.#sampling.set(key, sampling);
    sampling.last = last;
    if (clock.now() - sampling.at < sampling.everyMs) return false;
    sampling.at = clock.now();
    sampling.count++;
    if (sampling.count > MOST_SAMPLES) {
      sampling.count = Math.ceil(sampling.count / 2);
      sampling.everyMs *= 2;
    }
    return true;
  }

  #schedule(): void {
    // Looked at again when that is done.
    if (this.#writing !== undefined) return;
    const wait = this.#urgent ? 0 : this.#writtenAt + WRITE_EVERY_MS - this.#options.clock.now();
    if (wait > 0) {
      this.#timer ??= this.#options.clock.after(wait, () => {
        this.#timer = undefined;
        this.#write();
      });
    } else this.#write();
  }

  #write(): void {
    if (this.#writing !== undefined) return;
    this.#timer?.dispose();
    this.#timer = undefined;
    // After this turn, so that what ends in it goes together.
    this.#writing = Promise.resolve()
      .then(() => this.#writeNow())
      .catch(this.#options.onError)
      .finally(() => {
        this.#writing = undefined;
        if (this.#pending.size > 0) this.#schedule();
      });
  }

  async #writeNow(): Promise<void> {
    const { leases, clock, onWritten } = this.#options;
    const pending = [...this.#pending.values()];
    const ends = this.#ends;
    this.#pending = new Map();
    this.#ends = [];
    this.#urgent = false;
    this.#writtenAt = clock.now();
    const notes = pending.map((each) => toNotes(each, clock.now()));
    try {
      await retryWhileBusy(() => leases.write(notes), clock);
    } catch (error) {
      if (ends.length === 0) throw error;
      for (const end of ends) end.reject(error);
      return;
    }
    for (const end of ends) end.resolve();
    onWritten(pending.map(({ lease }) => lease));
  }
}

function toNotes({ lease, progress, lines, leftOut, sample, release }: Pending, now: number): LeaseNotes {
  const all = leftOut === 0 ? lines : [...lines, cutShort(leftOut, now)];
  return {
    lease,
    progress,
    lines: all,
    release,
    ...(sample && progress !== undefined
      ? { sample: { at: now, doneBytes: progress.movedBytes ?? progress.doneBytes, doneItems: progress.doneItems } }
      : {}),
  };
}

function cutShort(count: number, now: number): NewLogLine {
  return { at: now, level: 'warn', message: `… and ${count} more lines, which came too fast to be kept.` };
}
