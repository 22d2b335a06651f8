import { canceledError } from './errors.ts';

/**
 * The promise, or CANCELED as soon as the signal says so, for work that cannot be stopped itself. What it gives later
 * is dropped.
 * @param what names the work in the error: `The scan of lake`
 */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(canceledError(what));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
