import { canceledError } from '../base/errors.ts';

/** `copy`: what is read there and written here. `check`: what is read once more from a drive on the network. */
export type Paced = 'copy' | 'check';

/** Time for a pacer: a monotonic clock that all threads share, and a way to block this one. */
export interface PacerTime {
  /** Nanoseconds. */
  now(): bigint;
  pause(ms: number): void;
}

const RATE = 0;
const SLOTS: Readonly<Record<Paced, number>> = { copy: 1, check: 2 };
const WORDS = 3;

/** After so long a rest as much may go at once; without it, every late wake-up would be lost. */
const BURST_NS = 100_000_000n;
/** How soon a waiting copy hears of a cancellation or of another rate. */
const SLICE_MS = 50;
const NS_A_SECOND = 1_000_000_000n;

const systemTime: PacerTime = {
  now: () => process.hrtime.bigint(),
  pause: (ms) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms),
};

/**
 * Keeps the copies of all threads of this process together under one rate. In shared memory lie the rate, in bytes a
 * second (0: no limit), and for each direction the moment at which the next byte may go; whoever takes bytes moves that
 * moment on by what they cost, and waits for where it was.
 */
export class Pacer {
  readonly shared: SharedArrayBuffer;
  readonly #words: BigInt64Array<SharedArrayBuffer>;
  readonly #time: PacerTime;

  constructor(shared = new SharedArrayBuffer(WORDS * BigInt64Array.BYTES_PER_ELEMENT), time = systemTime) {
    this.shared = shared;
    this.#words = new BigInt64Array(shared);
    this.#time = time;
  }

  get bytesPerSecond(): number {
    return Number(Atomics.load(this.#words, RATE));
  }

  /** What waits begins to wait anew at the new rate. 0: no limit. */
  set bytesPerSecond(rate: number) {
    if (rate === this.bytesPerSecond) return;
    Atomics.store(this.#words, RATE, BigInt(rate));
    for (const slot of Object.values(SLOTS)) Atomics.store(this.#words, slot, 0n);
  }

  /** Blocks until so many bytes may go. Throws CANCELED. */
  take(direction: Paced, bytes: number, aborted: () => boolean): void {
    for (let waits = true; waits;) {
      const rate = Atomics.load(this.#words, RATE);
      if (rate === 0n) return;
      waits = !this.#wait(this.#reserve(SLOTS[direction], (BigInt(bytes) * NS_A_SECOND) / rate), rate, aborted);
    }
  }

  /** The moment from which these bytes may go. */
  #reserve(slot: number, costNs: bigint): bigint {
    for (;;) {
      const next = Atomics.load(this.#words, slot);
      const earliest = this.#time.now() - BURST_NS;
      const start = next > earliest ? next : earliest;
      if (Atomics.compareExchange(this.#words, slot, next, start + costNs) === next) return start;
    }
  }

  /** False where the rate changed meanwhile. */
  #wait(until: bigint, rate: bigint, aborted: () => boolean): boolean {
    for (;;) {
      const leftMs = Number(until - this.#time.now()) / 1_000_000;
      if (leftMs <= 0) return true;
      if (aborted()) throw canceledError('The copy');
      if (Atomics.load(this.#words, RATE) !== rate) return false;
      this.#time.pause(Math.min(SLICE_MS, leftMs));
    }
  }
}
