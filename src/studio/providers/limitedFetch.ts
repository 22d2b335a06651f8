import type { Clock } from '../../base/clock.ts';
import { errnoOf } from '../../base/errors.ts';

/** Ends a request when nobody waits for it any more, or when it takes too long. */
export class RequestLimit {
  readonly #ending = new AbortController();
  readonly #dispose: () => void;
  #late = false;

  constructor(clock: Clock, signal: AbortSignal, timeoutMs: number) {
    const onAbort = (): void => this.#ending.abort();
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    const timer = clock.after(timeoutMs, () => {
      this.#late = true;
      this.#ending.abort();
    });
    this.#dispose = () => {
      timer.dispose();
      signal.removeEventListener('abort', onAbort);
    };
  }

  /** For the request. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** It took too long. */
  get isLate(): boolean {
    return this.#late;
  }

  /** Ends the request now. */
  abort(): void {
    this.#ending.abort();
  }

  /** The request is over. */
  dispose(): void {
    this.#dispose();
  }
}

/** All of a response's body; throws what `tooLarge` makes as soon as it is more than so many bytes. */
export async function readBody(response: Response, maxBytes: number, tooLarge: () => Error): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  if (response.body === null) return new Uint8Array();
  for await (const chunk of response.body) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Why `fetch` failed: the system's or undici's code, empty where there is none, and what to say of it. */
export function connectionFailure(error: unknown): { readonly code: string; readonly reason: string } {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const code = errnoOf(cause) ?? '';
  return { code, reason: code === '' ? (cause instanceof Error ? cause.message : String(cause)) : code };
}
