import { type Disposable, toDisposable } from './disposables.ts';

/** Time as a dependency: tests pass their own and need no sleeps. Times are whole milliseconds. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls back once after `ms`; disposing cancels. The timer never keeps the process alive. */
  after(ms: number, callback: () => void): Disposable;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return toDisposable(() => clearTimeout(timer));
  },
};
