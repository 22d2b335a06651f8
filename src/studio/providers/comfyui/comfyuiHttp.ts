import type { Clock } from '../../../base/clock.ts';
import { canceledError, LakesideError } from '../../../base/errors.ts';
import { connectionFailure, readBody, RequestLimit } from '../limitedFetch.ts';
import { readServiceUrl } from '../serviceUrl.ts';

/** How long and how much is waited for; times in milliseconds. */
export interface ComfyuiLimits {
  /** For an answer to a question: queue, history, a node's description. */
  readonly answerMs: number;
  /** For the answer to a prompt: the server looks at every file it names. */
  readonly sendMs: number;
  /** For a file to come or go. */
  readonly transferMs: number;
  /** Between two looks at the queue. */
  readonly pollMs: number;
  /** How long a server that took a run may be away before the run fails. */
  readonly patienceMs: number;
  /** Of one image, in bytes. */
  readonly imageBytes: number;
}

export const COMFYUI_LIMITS: ComfyuiLimits = {
  answerMs: 15_000,
  sendMs: 60_000,
  transferMs: 300_000,
  pollMs: 1_000,
  patienceMs: 120_000,
  imageBytes: 256 * 1024 * 1024,
};

/** How much of an answer's text a sentence quotes. */
const QUOTED = 200;

export interface Answer {
  readonly status: number;
  readonly type: string;
  /** @throws LakesideError IMAGE_TOO_LARGE, or what became of the connection */
  bytes(max: number): Promise<Uint8Array>;
  /** Takes no more of it. */
  drop(): Promise<void>;
}

interface Request {
  readonly method?: 'GET' | 'POST';
  readonly body?: string | FormData;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Statuses beside 2xx that are answers, not failures. */
  readonly accept?: readonly number[];
}

/** HTTP to one ComfyUI: finds where its routes stand, limits time and size, and says what is wrong. */
export class ComfyuiHttp {
  readonly url: string;
  readonly #name: string;
  readonly #clock: Clock;
  readonly #limits: ComfyuiLimits;
  readonly #credentials: Readonly<Record<string, string>>;
  /** Every route exists bare, and under `/api`; a proxy may let through only one of them. */
  #prefix: '' | '/api' | undefined;

  constructor(server: { readonly name: string; readonly url: string }, clock: Clock, limits: ComfyuiLimits) {
    const { url, basic } = readServiceUrl(server.url);
    this.url = url;
    this.#name = server.name;
    this.#clock = clock;
    this.#limits = limits;
    this.#credentials = basic === undefined ? {} : { authorization: basic };
  }

  /** A route's whole URL, and the headers it wants. */
  async target(path: string, signal: AbortSignal): Promise<{ url: string; headers: Readonly<Record<string, string>> }> {
    this.#prefix ??= await this.#probe(signal);
    return { url: `${this.url}${this.#prefix}${path}`, headers: this.#credentials };
  }

  /** @throws LakesideError PROVIDER_AWAY, PROVIDER_TIMEOUT, PROVIDER_REFUSED, PROVIDER_NONSENSE, CANCELED */
  async send(path: string, request: Request): Promise<Answer> {
    const { url, headers } = await this.target(path, request.signal);
    const withHeaders = { ...request, headers: { ...headers, ...request.headers } };
    return this.#ask(url, withHeaders);
  }

  /** A kept connection may have died meanwhile: what only asks, asks again. */
  async #ask(url: string, request: Request): Promise<Answer> {
    try {
      return await this.#fetch(url, request);
    } catch (error) {
      if (request.method === 'POST' || !(error instanceof LakesideError) || error.context?.cut !== true) throw error;
      return this.#fetch(url, request);
    }
  }

  nonsense(path: string, what: string): LakesideError {
    this.#prefix = undefined;
    return new LakesideError(
      'PROVIDER_NONSENSE',
      'provider',
      `ComfyUI "${this.#name}" at ${this.url} answered ${path.split('?')[0] ?? path} with ${what}. Check that its URL is ComfyUI's own.`,
      { context: { server: this.#name, answer: path } },
    );
  }

  async #probe(signal: AbortSignal): Promise<'' | '/api'> {
    let first: unknown;
    for (const prefix of ['', '/api'] as const) {
      try {
        const timeoutMs = this.#limits.answerMs;
        const answer = await this.#ask(`${this.url}${prefix}/queue`, {
          signal,
          timeoutMs,
          headers: this.#credentials,
        });
        await answer.drop();
        if (answer.type.includes('json')) return prefix;
        first ??= this.nonsense(
          '/queue',
          answer.type.includes('html') ? 'a web page where JSON was asked for' : 'something that is not JSON',
        );
      } catch (error) {
        if (!(error instanceof LakesideError) || error.code !== 'PROVIDER_REFUSED') throw error;
        first ??= error;
      }
    }
    throw first;
  }

  async #fetch(url: string, request: Request): Promise<Answer> {
    const { signal, timeoutMs, method = 'GET', body, headers = {} } = request;
    if (signal.aborted) throw canceledError();
    const limit = new RequestLimit(this.#clock, signal, timeoutMs);
    const failed = (error: unknown): LakesideError => {
      limit.dispose();
      if (error instanceof LakesideError) return error;
      if (signal.aborted) return canceledError();
      return limit.isLate ? this.#timeout(timeoutMs) : this.#away(error);
    };
    try {
      const response = await fetch(url, {
        method,
        headers: { accept: '*/*', ...headers },
        redirect: 'manual',
        signal: limit.signal,
        ...(body === undefined ? {} : { body }),
      });
      const answer: Answer = {
        status: response.status,
        type: response.headers.get('content-type') ?? '',
        bytes: async (max) => {
          try {
            const bytes = await readBody(response, max, () => this.#tooLarge(max));
            limit.dispose();
            return bytes;
          } catch (error) {
            limit.abort();
            throw failed(error);
          }
        },
        drop: async () => {
          limit.dispose();
          // Nobody waits for the rest; a connection that breaks now breaks nothing.
          await response.body?.cancel().catch(() => undefined);
        },
      };
      if (response.ok || request.accept?.includes(response.status) === true) return answer;
      throw await this.#refused(answer);
    } catch (error) {
      throw failed(error);
    }
  }

  #tooLarge(max: number): LakesideError {
    return new LakesideError(
      'IMAGE_TOO_LARGE',
      'provider',
      `ComfyUI "${this.#name}" sent more than ${Math.round(max / 1024 / 1024)} MB in one answer, and was cut off.`,
      { context: { server: this.#name } },
    );
  }

  async #refused(answer: Answer): Promise<LakesideError> {
    const { status } = answer;
    const said = new TextDecoder().decode(await answer.bytes(1024 * 1024)).trim();
    const quoted = said === '' || said.startsWith('<') ? '' : `: ${said.slice(0, QUOTED)}`;
    const context = { server: this.#name, status };
    if (status >= 500 || status === 429 || status === 408) {
      return new LakesideError(
        'PROVIDER_AWAY',
        'provider',
        `ComfyUI "${this.#name}" at ${this.url} cannot answer now (HTTP ${status}${quoted}). Look at its console, or retry later.`,
        { context, retryable: true },
      );
    }
    const why =
      status === 401 || status === 403
        ? 'It, or a proxy before it, wants a login, or refuses this machine.'
        : status >= 300 && status < 400
          ? 'It sends to another address: set that one as its URL.'
          : "Check that its URL is ComfyUI's own.";
    return new LakesideError(
      'PROVIDER_REFUSED',
      'provider',
      `ComfyUI "${this.#name}" at ${this.url} refused (HTTP ${status}${quoted}). ${why}`,
      { context },
    );
  }

  #timeout(ms: number): LakesideError {
    return new LakesideError(
      'PROVIDER_TIMEOUT',
      'provider',
      `ComfyUI "${this.#name}" at ${this.url} did not answer within ${Math.max(1, Math.round(ms / 1000))} s. It may be overloaded: look at its console, or retry later.`,
      { context: { server: this.#name }, retryable: true },
    );
  }

  #away(error: unknown): LakesideError {
    const { code, reason } = connectionFailure(error);
    const refused = code === 'ECONNREFUSED';
    const unknownHost = code === 'ENOTFOUND' || code === 'EAI_AGAIN';
    const why = refused
      ? 'nothing listens there. Start ComfyUI'
      : unknownHost
        ? 'no machine has that name. Check the network and the name'
        : `the connection failed (${reason}). Check ComfyUI and the network`;
    return new LakesideError(
      'PROVIDER_AWAY',
      'provider',
      `ComfyUI "${this.#name}" at ${this.url} does not answer: ${why}, or correct the setting lakeside.comfyui.servers.`,
      { context: { server: this.#name, cut: !refused && !unknownHost }, cause: error, retryable: true },
    );
  }
}
