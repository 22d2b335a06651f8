import type { Clock } from '../base/clock.ts';
import { canceledError, LakesideError, toLakesideError } from '../base/errors.ts';
import { type ApiResponse, apiResponseSchema, failure, unwrap } from '../protocol/apiResponse.ts';
import { inputProblem } from '../protocol/inputProblem.ts';
import type {
  CallOptions,
  CallUseCase,
  ParsedInput,
  UseCaseInput,
  UseCaseName,
  UseCaseOutput,
} from '../protocol/useCases.ts';
import { USE_CASES } from '../protocol/useCases.ts';
import { isBusy, retryWhileBusy } from '../store/busyRetry.ts';
import type { AnswerStore } from '../store/answerStore.ts';
import type { Implementations } from './implementations.ts';

export interface DispatcherOptions {
  readonly implementations: Implementations;
  readonly answers: AnswerStore;
  readonly clock: Clock;
}

/** Runs use cases by name for every face: idempotency keys, and nothing but LakesideErrors out. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  /** Keyed commands under way here, so that a doubled click does not run twice before the first has answered. */
  readonly #underWay = new Map<string, Promise<ApiResponse<unknown>>>();

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /** Runs a use case whose input is parsed already. */
  async run<K extends UseCaseName>(
    name: K,
    input: ParsedInput<K>,
    context: { readonly signal: AbortSignal; readonly idempotencyKey?: string | undefined },
  ): Promise<UseCaseOutput<K>> {
    const implementation = this.#options.implementations[name];
    const perform = async (): Promise<UseCaseOutput<K>> => {
      try {
        return await implementation(input, { signal: context.signal });
      } catch (error) {
        throw isBusy(error) ? databaseBusy(error) : toLakesideError(error);
      }
    };
    if (context.idempotencyKey === undefined || USE_CASES[name].kind === 'query') return perform();
    const response = await this.#once(`${name} ${context.idempotencyKey}`, context.idempotencyKey, name, perform);
    return unwrap(response) as UseCaseOutput<K>;
  }

  async #once(
    slot: string,
    key: string,
    name: UseCaseName,
    perform: () => Promise<unknown>,
  ): Promise<ApiResponse<unknown>> {
    const kept = this.#options.answers.get(key, name);
    if (kept !== undefined) return apiResponseSchema.parse(JSON.parse(kept));
    const running = this.#underWay.get(slot);
    if (running !== undefined) return running;
    const first = perform().then(
      (data): ApiResponse<unknown> => ({ success: true, data }),
      (error: unknown) => failure(toLakesideError(error)),
    );
    this.#underWay.set(slot, first);
    try {
      const response = await first;
      // A failed command may be asked again with the same key: it did nothing that lasts.
      if (response.success) await this.#keep(key, name, response);
      return response;
    } finally {
      this.#underWay.delete(slot);
    }
  }

  /** What was done is done: that another process writes just now must not turn it into a failure. */
  async #keep(key: string, name: UseCaseName, response: ApiResponse<unknown>): Promise<void> {
    const { answers, clock } = this.#options;
    await retryWhileBusy(() => answers.put(key, name, JSON.stringify(response), clock.now()), clock);
  }

  /** The registry for callers in this process, such as the command line. */
  readonly call: CallUseCase = async <K extends UseCaseName>(
    name: K,
    input: UseCaseInput<K>,
    options: CallOptions = {},
  ): Promise<UseCaseOutput<K>> => {
    const parsed = USE_CASES[name].input.safeParse(input);
    if (!parsed.success) {
      throw new LakesideError(
        'INVALID_INPUT',
        'validation',
        `This cannot be done as asked: ${inputProblem(parsed.error)}.`,
      );
    }
    const abort = new AbortController();
    const giveUp = (): void => abort.abort(canceledError());
    if (options.signal?.aborted === true) giveUp();
    options.signal?.addEventListener('abort', giveUp, { once: true });
    try {
      return await this.run(name, parsed.data as ParsedInput<K>, {
        signal: abort.signal,
        idempotencyKey: options.idempotencyKey,
      });
    } finally {
      options.signal?.removeEventListener('abort', giveUp);
    }
  };
}

function databaseBusy(error: unknown): LakesideError {
  return new LakesideError('DATABASE_BUSY', 'infra', 'Another process keeps the database locked. Retry in a moment.', {
    cause: error,
    retryable: true,
  });
}
