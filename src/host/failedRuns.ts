import type { Job } from '../protocol/values.ts';

/** Tells which runs have failed since it was last asked; those that had failed before the first time are no news. */
export class FailedRuns {
  /** When each failure was, by job; a job that was tried again and failed again is another failure. */
  readonly #known = new Map<string, number>();
  #asked = false;

  /** @param jobs as they are now */
  newlyFailed(jobs: readonly Job[]): Job[] {
    const news = jobs
      .filter(({ kind, status }) => kind === 'generate' && status === 'failed')
      .filter(({ id, finishedAt }) => this.#known.get(id) !== (finishedAt ?? 0));
    for (const { id, finishedAt } of news) this.#known.set(id, finishedAt ?? 0);
    const asked = this.#asked;
    this.#asked = true;
    return asked ? news : [];
  }
}
