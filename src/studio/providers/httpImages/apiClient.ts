import type { Clock } from '../../../base/clock.ts';
import { canceledError, LakesideError } from '../../../base/errors.ts';
import { readBody, RequestLimit } from '../limitedFetch.ts';
import { type ApiName, connectionError, nonsenseError, outcomeUnknownError, refusedError } from './apiErrors.ts';

/** How long and how much is waited for; times in milliseconds. */
export interface ApiLimits {
  /** For an answer with pictures. */
  readonly makeMs: number;
  /** For any other answer. */
  readonly answerMs: number;
  /** Of one answer, in bytes. */
  readonly answerBytes: number;
  /** How often a busy service is asked again. */
  readonly retries: number;
  /** The first pause; each further one is twice as long. */
  readonly pauseMs: number;
  /** The longest pause that a service may ask for; if it wants more, the queue tries again later. */
  readonly longestPauseMs: number;
}

export const API_LIMITS: ApiLimits = {
  makeMs: 280_000,
  answerMs: 20_000,
  answerBytes: 256 * 1024 * 1024,
  retries: 4,
  pauseMs: 1_000,
  longestPauseMs: 60_000,
};

export interface ApiAnswer {
  readonly status: number;
  readonly type: string;
  readonly bytes: Uint8Array;
  /** Milliseconds that the service asks to be left alone. */
  readonly retryAfterMs: number | undefined;
}

interface ApiRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | FormData;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** HTTP to an image API: limits time and size, waits where it is told to, and says what is wrong. */
export class ApiClient {
  readonly #api: ApiName;
  readonly #clock: Clock;
  readonly #limits: ApiLimits;

  constructor(api: ApiName, clock: Clock, limits: ApiLimits) {
    this.#api = api;
    this.#clock = clock;
    this.#limits = limits;
  }

  /**
   * Asks for pictures. A service that is busy, or fails before it made any, is asked again after a pause.
   * @param mark called with true before each try leaves, with false when it certainly came to nothing
   * @throws LakesideError PROVIDER_REFUSED (category `policy` for a picture against its rules), PROVIDER_AWAY (retryable:
   * nothing was made), OUTCOME_UNKNOWN, PROVIDER_NONSENSE, CANCELED
   */
  async make(
    request: Omit<ApiRequest, 'method' | 'timeoutMs'>,
    mark: (sent: boolean) => Promise<void>,
    onPause: (ms: number) => void,
  ): Promise<ApiAnswer> {
    for (let attempt = 0; ; attempt++) {
      if (request.signal.aborted) throw canceledError();
      await mark(true);
      const answer = await this.#tryToMake(request, mark);
      if (answer.status >= 200 && answer.status < 300) return answer;
      await mark(false);
      const error = refusedError(this.#api, answer.status, new TextDecoder().decode(answer.bytes));
      const pauseMs = answer.retryAfterMs ?? this.#limits.pauseMs * 2 ** attempt;
      if (!error.retryable || attempt >= this.#limits.retries || pauseMs > this.#limits.longestPauseMs) throw error;
      onPause(pauseMs);
      await this.#pause(pauseMs, request.signal);
    }
  }

  /** Asks for something that may be asked for any number of times. @throws LakesideError PROVIDER_AWAY, PROVIDER_TIMEOUT … */
  async get(url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<ApiAnswer> {
    const timeoutMs = this.#limits.answerMs;
    try {
      return await this.#send({ url, method: 'GET', headers, timeoutMs, signal });
    } catch (error) {
      if (error instanceof LakesideError) throw error;
      if (error instanceof TooLate) throw this.#timeout(timeoutMs);
      throw connectionError(this.#api, error).error;
    }
  }

  async #tryToMake(
    request: Omit<ApiRequest, 'method' | 'timeoutMs'>,
    mark: (sent: boolean) => Promise<void>,
  ): Promise<ApiAnswer> {
    try {
      return await this.#send({ ...request, method: 'POST', timeoutMs: this.#limits.makeMs });
    } catch (caught) {
      if (caught instanceof LakesideError) throw caught;
      if (caught instanceof TooLate) {
        const seconds = Math.round(this.#limits.makeMs / 1_000);
        throw outcomeUnknownError(this.#api, `did not answer within ${seconds} s`, caught);
      }
      const { error, neverSent } = connectionError(this.#api, caught);
      if (!neverSent) throw outcomeUnknownError(this.#api, 'the connection broke before it answered', caught);
      await mark(false);
      throw error;
    }
  }

  async #send({ url, method, headers, body, timeoutMs, signal }: ApiRequest): Promise<ApiAnswer> {
    if (signal.aborted) throw canceledError();
    const limit = new RequestLimit(this.#clock, signal, timeoutMs);
    try {
      const response = await fetch(url, {
        method,
        headers,
        signal: limit.signal,
        // A key must not follow to another host, and a POST must not become a GET.
        redirect: method === 'POST' ? 'manual' : 'follow',
        ...(body === undefined ? {} : { body }),
      });
      return {
        status: response.status,
        type: response.headers.get('content-type') ?? '',
        bytes: await readBody(response, this.#limits.answerBytes, () => this.#tooLarge()),
        retryAfterMs: this.#retryAfter(response.headers.get('retry-after')),
      };
    } catch (error) {
      if (limit.isLate) throw new TooLate();
      throw limit.signal.aborted ? canceledError() : error;
    } finally {
      limit.dispose();
    }
  }

  #tooLarge(): LakesideError {
    return nonsenseError(this.#api, `more than ${Math.round(this.#limits.answerBytes / 1024 / 1024)} MB`);
  }

  /** Seconds, or a date. Source: RFC 9110, 10.2.3. */
  #retryAfter(header: string | null): number | undefined {
    if (header === null) return undefined;
    if (/^\d{1,9}(\.\d+)?$/.test(header.trim())) return Number(header) * 1_000;
    const at = Date.parse(header);
    return Number.isNaN(at) ? undefined : Math.max(0, at - this.#clock.now());
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        timer.dispose();
        reject(canceledError());
      };
      if (signal.aborted) {
        reject(canceledError());
        return;
      }
      const timer = this.#clock.after(ms, () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      });
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  #timeout(ms: number): LakesideError {
    const { name, url } = this.#api;
    return new LakesideError(
      'PROVIDER_TIMEOUT',
      'provider',
      `${name} at ${url} did not answer within ${Math.round(ms / 1_000)} s. Retry later.`,
      { context: { provider: name }, retryable: true },
    );
  }
}

class TooLate extends Error {}
