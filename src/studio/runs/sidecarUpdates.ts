import { isDeepStrictEqual } from 'node:util';

import { LakesideError, toLakesideError } from '../../base/errors.ts';
import type { RunImage } from '../../protocol/studioValues.ts';
import type { ImageStore } from '../../store/imageStore.ts';
import { readSidecar, writeSidecar } from './sidecar.ts';

/**
 * Brings the sidecars of judged images up to date, in the background and one after the other: the rows are the truth, and
 * nobody waits for the copy beside the image.
 */
export class SidecarUpdates {
  readonly #images: ImageStore;
  readonly #onProblem: (error: LakesideError) => void;
  readonly #waiting = new Set<string>();
  #working: Promise<void> | undefined;
  #closed = false;

  constructor(images: ImageStore, onProblem: (error: LakesideError) => void) {
    this.#images = images;
    this.#onProblem = onProblem;
  }

  update(ids: readonly string[]): void {
    for (const id of ids) this.#waiting.add(id);
    if (this.#closed || this.#working !== undefined) return;
    this.#working = this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  /** Settles when all that was asked for is written. */
  async idle(): Promise<void> {
    await this.#working;
  }

  /** Ends the one it is at, and leaves the rest. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#working;
  }

  async #work(): Promise<void> {
    for (const id of this.#waiting) {
      if (this.#closed) return;
      this.#waiting.delete(id);
      try {
        await this.#updateOne(id);
      } catch (error) {
        this.#onProblem(toLakesideError(error));
      }
    }
  }

  /** Until what was written is what the row says: another window may judge the same image meanwhile. */
  async #updateOne(id: string): Promise<void> {
    let image = this.#images.get(id);
    while (image !== undefined) {
      await this.#write(image);
      const now = this.#images.get(id);
      if (isDeepStrictEqual(now, image)) return;
      image = now;
    }
  }

  async #write({ path, id, createdAt, rating, pick }: RunImage): Promise<void> {
    const sidecar = readSidecar(path);
    if (sidecar === undefined) {
      const sentence = `The sidecar of ${path} is missing or damaged, so the judgement is kept in the database alone.`;
      throw new LakesideError('SIDECAR_MISSING', 'infra', sentence, { context: { path } });
    }
    if (sidecar.image.rating === rating && sidecar.image.pick === pick) return;
    await writeSidecar(path, { ...sidecar, image: { ...sidecar.image, id, createdAt, rating, pick } });
  }
}
