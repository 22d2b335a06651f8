import { statfs } from 'node:fs/promises';

import type { Clock } from '../base/clock.ts';

export interface RootSpace {
  /** Bytes, of the file system a root lies on. */
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** Views ask with every change; a drive need not be. */
const FRESH_MS = 5_000;
/** Whoever lists the roots waits so long at most; what comes later is told the next time. */
const PATIENCE_MS = 1_000;

interface Asked {
  readonly at: number;
  readonly answer: Promise<RootSpace | undefined>;
  settled: boolean;
}

/** How much room there is on the roots' drives, asked at most every few seconds, and never twice of a drive that hangs. */
export class RootSpaces {
  readonly #clock: Clock;
  readonly #ask: (path: string) => Promise<RootSpace>;
  readonly #asked = new Map<string, Asked>();
  readonly #known = new Map<string, RootSpace>();

  constructor(clock: Clock, ask: (path: string) => Promise<RootSpace> = askSystem) {
    this.#clock = clock;
    this.#ask = ask;
  }

  /** Within a second: what is known, or undefined where the drive never said. Never throws. */
  async of(path: string): Promise<RootSpace | undefined> {
    const late = Promise.withResolvers<RootSpace | undefined>();
    const timer = this.#clock.after(PATIENCE_MS, () => late.resolve(this.#known.get(path)));
    try {
      return await Promise.race([this.#asking(path).answer, late.promise]);
    } finally {
      timer.dispose();
    }
  }

  #asking(path: string): Asked {
    const last = this.#asked.get(path);
    if (last !== undefined && (!last.settled || this.#clock.now() - last.at < FRESH_MS)) return last;
    const asked: Asked = { at: this.#clock.now(), answer: this.#answer(path), settled: false };
    void asked.answer.finally(() => (asked.settled = true));
    this.#asked.set(path, asked);
    return asked;
  }

  async #answer(path: string): Promise<RootSpace | undefined> {
    try {
      const space = await this.#ask(path);
      this.#known.set(path, space);
      return space;
    } catch {
      // Not mounted, or a file system that does not say: shown without.
      this.#known.delete(path);
      return undefined;
    }
  }
}

export async function askSystem(path: string): Promise<RootSpace> {
  const { bavail, blocks, bsize } = await statfs(path);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}
