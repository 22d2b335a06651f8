import type { Clock } from '../base/clock.ts';
import type { JobLeases } from '../store/jobLeases.ts';
import type { JobStore } from '../store/jobStore.ts';
import type { QueueStore } from '../store/queueStore.ts';
import { retryWhileBusy } from '../store/busyRetry.ts';
import { LANES } from './jobKinds.ts';

/** How long a job that lacks what hangs on the process (a setting, trust) is left to other processes. */
const ELSEWHERE_MS = 10_000;

export interface WaitingJobsOptions {
  readonly jobs: JobStore;
  readonly leases: JobLeases;
  readonly queue: QueueStore;
  readonly clock: Clock;
  /** Formatted lease owner of this process. */
  readonly owner: string;
  /** Why this process cannot give what a job needs, as a sentence; undefined when it can. */
  readonly lacks: (need: string) => Promise<string | undefined>;
  readonly onChange: () => void;
}

export interface Sorted {
  /** Needs of the jobs at hand that this process can give. */
  readonly given: ReadonlySet<string>;
  /** Whether a job is there that it could claim now, if its lane has room. */
  readonly hasWork: boolean;
}

/** Jobs that lack something wait, with a sentence; those that lack it no more are queued again. */
export class WaitingJobs {
  readonly #options: WaitingJobsOptions;
  #told = '[]';

  constructor(options: WaitingJobsOptions) {
    this.#options = options;
  }

  async sort(): Promise<Sorted> {
    const { leases, clock, onChange } = this.#options;
    const due = leases.waiting().filter(({ notBefore }) => notBefore <= clock.now());
    const queued = leases.queued(LANES);
    const lacking = new Map<string, string | undefined>();
    await Promise.all(
      [...new Set([...due, ...queued].flatMap(({ needs }) => needs))].map(async (need) => {
        lacking.set(need, await this.#options.lacks(need));
      }),
    );
    await this.#tellOthers([...lacking].flatMap(([need, sentence]) => (sentence === undefined ? [] : [need])));
    const missing = (needs: readonly string[]): string | undefined =>
      needs.map((need) => lacking.get(need)).find((sentence) => sentence !== undefined);
    const now = clock.now();
    let hasWork = false;
    for (const { id, needs } of due) {
      if (missing(needs) !== undefined) continue;
      if (!(await this.#move(id, 'waiting', { status: 'queued', now }))) continue;
      hasWork = true;
      onChange();
    }
    for (const { id, needs, notBefore, createdAt } of queued) {
      const waitingFor = missing(needs);
      if (waitingFor === undefined) {
        hasWork ||= notBefore <= now;
        continue;
      }
      const here = needs.filter((need) => !isForAll(need) && lacking.get(need) !== undefined);
      if (here.length > 0 && (now - createdAt < ELSEWHERE_MS || this.#isGivenElsewhere(here))) continue;
      if (await this.#move(id, 'queued', { status: 'waiting', now, waitingFor })) onChange();
    }
    return {
      given: new Set([...lacking].filter(([, sentence]) => sentence === undefined).map(([need]) => need)),
      hasWork,
    };
  }

  #move(...move: Parameters<JobStore['transition']>): Promise<boolean> {
    return retryWhileBusy(() => this.#options.jobs.transition(...move), this.#options.clock);
  }

  /** What only this process lacks another one may have: the job is then left to it, and not said to wait. */
  #isGivenElsewhere(needs: readonly string[]): boolean {
    const { queue, owner } = this.#options;
    return queue
      .workers()
      .some((worker) => worker.owner !== owner && needs.every((need) => !worker.lacks.includes(need)));
  }

  async #tellOthers(lacks: readonly string[]): Promise<void> {
    const { queue, owner, clock } = this.#options;
    const own = lacks.filter((need) => !isForAll(need)).sort();
    const text = JSON.stringify(own);
    if (text === this.#told) return;
    await retryWhileBusy(() => queue.setLacks(owner, own), clock);
    this.#told = text;
  }
}

/** A root that is away is away for every process of the machine. */
function isForAll(need: string): boolean {
  return need.startsWith('root:');
}
