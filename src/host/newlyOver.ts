import { isOver, type Job } from '../protocol/values.ts';

/** Tells which jobs came to an end since it was last asked; those that were over before the first time are no news. */
export class NewlyOver {
  readonly #kind: Job['kind'];
  /** Jobs that were seen before their end. */
  #active = new Set<string>();

  constructor(kind: Job['kind']) {
    this.#kind = kind;
  }

  /** @param jobs as they are now */
  of(jobs: readonly Job[]): Job[] {
    const known = jobs.filter(({ kind }) => kind === this.#kind);
    const news = known.filter(({ id, status }) => isOver(status) && this.#active.has(id));
    this.#active = new Set(known.filter(({ status }) => !isOver(status)).map(({ id }) => id));
    return news;
  }
}
