import type { Clock } from '../base/clock.ts';
import { DisposableStore, toDisposable } from '../base/disposables.ts';
import { canceledError, LakesideError, toLakesideError } from '../base/errors.ts';
import type { Event } from '../base/events.ts';

export interface WaitOptions {
  /** Looked at now, at every change, and once more when time is up. What it throws ends the wait. */
  readonly condition: () => boolean;
  readonly changes: Event<unknown>;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Aborted when there will be no more changes, since the engine closes. */
  readonly closing: AbortSignal;
}

/**
 * Waits for a condition; false where it did not come true within `timeoutMs`.
 * @throws LakesideError CANCELED, CLOSED, or what the condition throws
 */
export function waitUntil(options: WaitOptions): Promise<boolean> {
  const { condition, changes, timeoutMs, clock, signal, closing } = options;
  return new Promise<boolean>((resolve, reject) => {
    const waiting = new DisposableStore();
    const refuse = (error: LakesideError): void => {
      waiting.dispose();
      reject(error);
    };
    const look = (isLast: boolean): void => {
      try {
        const holds = condition();
        if (!holds && !isLast) return;
        waiting.dispose();
        resolve(holds);
      } catch (error) {
        refuse(toLakesideError(error));
      }
    };
    const endWith = (ending: AbortSignal, error: LakesideError): void => {
      const onAbort = (): void => refuse(error);
      ending.addEventListener('abort', onAbort, { once: true });
      waiting.add(toDisposable(() => ending.removeEventListener('abort', onAbort)));
      if (ending.aborted) onAbort();
    };
    endWith(signal, canceledError());
    endWith(closing, new LakesideError('CLOSED', 'infra', 'The engine was closed.', { retryable: true }));
    if (waiting.isDisposed) return;
    waiting.add(changes(() => look(false)));
    waiting.add(clock.after(timeoutMs, () => look(true)));
    look(false);
  });
}
