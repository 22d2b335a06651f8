import type { Clock } from '../../src/base/clock.ts';
import { toDisposable } from '../../src/base/disposables.ts';

export const browserClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = window.setTimeout(callback, ms);
    return toDisposable(() => window.clearTimeout(timer));
  },
};
