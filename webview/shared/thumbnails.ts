import type { Clock } from '../../src/base/clock.ts';
import type { Disposable } from '../../src/base/disposables.ts';
import { type ErrorShape, isCanceled, toLakesideError } from '../../src/base/errors.ts';

/** Longer side in pixels. */
export type ThumbnailSize = 256 | 512;

/** What is known of an image's small picture: where to load it from, or why there is none. */
export interface Thumbnail {
  readonly uri?: string | undefined;
  readonly error?: ErrorShape | undefined;
}

export type FetchThumbnails = (
  images: string[],
  size: ThumbnailSize,
  signal: AbortSignal,
) => Promise<readonly ({ readonly id: string } & Thumbnail)[]>;

/** So few that the first of a row show while the last are still being made. */
const BATCH = 12;
const MAX_IN_FLIGHT = 4;
/** URIs kept: some 1 MB. */
const MAX_KEPT = 4_000;
/** A fetch that failed as a whole may succeed after this. */
const RETRY_MS = 3_000;

interface Kept extends Thumbnail {
  readonly size: ThumbnailSize;
  /** When to ask again, if the whole fetch failed. */
  readonly retryAtMs?: number;
}

/**
 * The small pictures of what is in view. Only that is asked for, and what has left the view before its turn is never
 * asked for at all, so the newest wish comes first.
 */
export class Thumbnails implements Disposable {
  readonly #fetch: FetchThumbnails;
  readonly #clock: Clock;
  /** Least recently wanted first. */
  readonly #kept = new Map<string, Kept>();
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #inFlight = new Map<AbortController, ReadonlySet<string>>();
  #wanted: readonly string[] = [];
  #size: ThumbnailSize = 256;
  #retrying: Disposable | undefined;

  constructor(fetch: FetchThumbnails, clock: Clock) {
    this.#fetch = fetch;
    this.#clock = clock;
  }

  /** Stays the same object until it changes. */
  get(image: string): Thumbnail | undefined {
    return this.#kept.get(image);
  }

  subscribe(image: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(image) ?? new Set();
    this.#listeners.set(image, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(image);
    };
  }

  /** @param images what is in view, the most important first */
  want(images: readonly string[], size: ThumbnailSize): void {
    this.#wanted = images;
    this.#size = size;
    const wanted = new Set(images);
    for (const [abort, batch] of this.#inFlight) {
      if ([...batch].some((image) => wanted.has(image))) continue;
      this.#inFlight.delete(abort);
      abort.abort();
    }
    for (const image of images) {
      const kept = this.#kept.get(image);
      if (kept === undefined) continue;
      this.#kept.delete(image);
      this.#kept.set(image, kept);
    }
    this.#pump();
  }

  /** Its URI did not load: the file behind it may have been cleared, so it is asked for once more. */
  failedToLoad(image: string, uri: string): void {
    const kept = this.#kept.get(image);
    if (kept?.uri !== uri) return;
    this.#keep(image, {
      size: kept.size,
      error: { code: 'IMAGE_NOT_SHOWN', category: 'infra', message: 'The thumbnail could not be loaded.' },
      retryAtMs: this.#clock.now() + RETRY_MS,
    });
    this.#retryLater();
  }

  dispose(): void {
    this.#retrying?.dispose();
    for (const abort of this.#inFlight.keys()) abort.abort();
    this.#inFlight.clear();
    this.#listeners.clear();
  }

  #isDue(image: string): boolean {
    const kept = this.#kept.get(image);
    if (kept === undefined) return true;
    if (kept.retryAtMs !== undefined) return this.#clock.now() >= kept.retryAtMs;
    return kept.error === undefined && kept.size < this.#size;
  }

  #pump(): void {
    const asked = new Set([...this.#inFlight.values()].flatMap((batch) => [...batch]));
    const due = this.#wanted.filter((image) => !asked.has(image) && this.#isDue(image));
    for (let first = 0; first < due.length && this.#inFlight.size < MAX_IN_FLIGHT; first += BATCH) {
      void this.#load(due.slice(first, first + BATCH));
    }
  }

  async #load(images: string[]): Promise<void> {
    const abort = new AbortController();
    const size = this.#size;
    this.#inFlight.set(abort, new Set(images));
    try {
      const found = await this.#fetch(images, size, abort.signal);
      if (!this.#inFlight.delete(abort)) return;
      const left = new Set(images);
      for (const { id, uri, error } of found) {
        left.delete(id);
        this.#keep(id, { size, uri, error });
      }
      for (const image of left) this.#keep(image, { size });
    } catch (error) {
      if (!this.#inFlight.delete(abort)) return;
      if (!isCanceled(error)) {
        const retryAtMs = this.#clock.now() + RETRY_MS;
        for (const image of images) this.#keep(image, { size, error: toLakesideError(error).toShape(), retryAtMs });
        this.#retryLater();
      }
    }
    this.#pump();
  }

  #retryLater(): void {
    this.#retrying ??= this.#clock.after(RETRY_MS, () => {
      this.#retrying = undefined;
      this.#pump();
    });
  }

  #keep(image: string, thumbnail: Kept): void {
    this.#kept.delete(image);
    this.#kept.set(image, thumbnail);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MAX_KEPT) break;
      this.#kept.delete(oldest);
    }
    for (const listener of this.#listeners.get(image) ?? []) listener();
  }
}
