import * as z from 'zod';

import { type Clock, systemClock } from '../base/clock.ts';
import { type Disposable, DisposableStore, toDisposable } from '../base/disposables.ts';
import { Emitter, type Listener } from '../base/events.ts';
import { canceledError, LakesideError, toLakesideError } from '../base/errors.ts';
import { apiResponseSchema, failure, unwrap } from './apiResponse.ts';
import type { Channel } from './channel.ts';
import { inputProblem } from './inputProblem.ts';

export interface RequestContract {
  readonly input: z.ZodType;
  readonly output: z.ZodType;
}

/** What one end of a channel answers and tells. Both ends parse on receipt. */
export interface Contract<
  R extends Record<string, RequestContract> = Record<string, RequestContract>,
  E extends Record<string, z.ZodType> = Record<string, z.ZodType>,
> {
  readonly requests: R;
  readonly events: E;
}

export function contract<R extends Record<string, RequestContract>, E extends Record<string, z.ZodType>>(
  definition: Contract<R, E>,
): Contract<R, E> {
  return definition;
}

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  readonly idempotencyKey?: string | undefined;
}

export interface HandlerContext {
  readonly signal: AbortSignal;
  readonly idempotencyKey: string | undefined;
}

type RequestName<C extends Contract> = keyof C['requests'] & string;
type EventName<C extends Contract> = keyof C['events'] & string;
type Input<C extends Contract, K extends RequestName<C>> = z.input<C['requests'][K]['input']>;
type Parsed<C extends Contract, K extends RequestName<C>> = z.output<C['requests'][K]['input']>;
type Output<C extends Contract, K extends RequestName<C>> = z.output<C['requests'][K]['output']>;
type Payload<C extends Contract, K extends EventName<C>> = z.output<C['events'][K]>;

export type Handlers<C extends Contract> = {
  readonly [K in RequestName<C>]: (
    input: Parsed<C, K>,
    context: HandlerContext,
  ) => Promise<z.input<C['requests'][K]['output']>> | z.input<C['requests'][K]['output']>;
};

/** The far end, as seen from here. Every request settles: result, error, TIMEOUT, CANCELED or CLOSED. */
export interface Remote<C extends Contract> {
  request<K extends RequestName<C>>(name: K, input: Input<C, K>, options?: RequestOptions): Promise<Output<C, K>>;
  on<K extends EventName<C>>(name: K, listener: Listener<Payload<C, K>>): Disposable;
}

export interface Peer<Local extends Contract, Far extends Contract> extends Disposable {
  readonly remote: Remote<Far>;
  emit<K extends EventName<Local>>(name: K, payload: z.input<Local['events'][K]>): void;
}

export const DEFAULT_TIMEOUT_MS = 60_000;

const messageSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('request'),
    id: z.int(),
    name: z.string(),
    input: z.unknown(),
    key: z.string().max(200).optional(),
  }),
  z.object({ kind: z.literal('response'), id: z.int(), response: apiResponseSchema }),
  z.object({ kind: z.literal('cancel'), id: z.int() }),
  z.object({ kind: z.literal('event'), name: z.string(), payload: z.unknown() }),
]);
type Message = z.infer<typeof messageSchema>;

export interface ConnectOptions<Local extends Contract, Far extends Contract> {
  readonly channel: Channel;
  /** What this end answers and tells. */
  readonly local: Local;
  readonly handlers: Handlers<Local>;
  /** What the far end answers and tells. */
  readonly remote: Far;
  readonly clock?: Clock;
  /** Told of what cannot be answered to anybody: malformed messages and events. */
  readonly onProtocolError?: (error: LakesideError) => void;
}

/** Joins the two ends of a channel. The same code serves worker threads, webviews and tests. */
export function connect<Local extends Contract, Far extends Contract>(
  options: ConnectOptions<Local, Far>,
): Peer<Local, Far> {
  const { channel, local, remote, clock = systemClock } = options;
  const onProtocolError = options.onProtocolError ?? (() => undefined);
  const owned = new DisposableStore();
  const pending = new Map<number, { settle: (outcome: () => unknown) => void; output: z.ZodType }>();
  const running = new Map<number, AbortController>();
  const listeners = new Map<string, Emitter<unknown>>();
  let nextId = 1;
  let closed: string | undefined;

  const post = (message: Message): void => channel.post(message);

  function parse(schema: z.ZodType, value: unknown, what: string, code: string): unknown {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    const category = code === 'INVALID_INPUT' ? 'validation' : 'unknown';
    throw new LakesideError(code, category, `${what}: ${inputProblem(result.error)}.`);
  }

  async function answer(id: number, name: string, input: unknown, key: string | undefined): Promise<void> {
    const abort = new AbortController();
    running.set(id, abort);
    try {
      if (!Object.hasOwn(local.requests, name)) {
        throw new LakesideError('UNKNOWN_REQUEST', 'validation', `There is no request named ${name}.`);
      }
      const request = local.requests[name as RequestName<Local>];
      const handler = options.handlers[name as RequestName<Local>];
      if (request === undefined) throw new LakesideError('INTERNAL', 'unknown', `${name} has no contract.`);
      const parsed = parse(request.input, input, `The input of ${name} is not valid`, 'INVALID_INPUT');
      const data = await handler(parsed as Parsed<Local, RequestName<Local>>, {
        signal: abort.signal,
        idempotencyKey: key,
      });
      if (closed === undefined) post({ kind: 'response', id, response: { success: true, data } });
    } catch (error) {
      if (closed === undefined) post({ kind: 'response', id, response: failure(toLakesideError(error)) });
    } finally {
      running.delete(id);
    }
  }

  function receive(raw: unknown): void {
    const result = messageSchema.safeParse(raw);
    if (!result.success) {
      onProtocolError(new LakesideError('BAD_MESSAGE', 'unknown', 'A message had an unknown shape.'));
      return;
    }
    const message = result.data;
    switch (message.kind) {
      case 'request':
        void answer(message.id, message.name, message.input, message.key);
        return;
      case 'cancel':
        running.get(message.id)?.abort(canceledError());
        return;
      case 'response': {
        const waiting = pending.get(message.id);
        if (waiting === undefined) return; // It timed out or was canceled meanwhile.
        waiting.settle(() =>
          parse(waiting.output, unwrap(message.response), 'The answer was not as agreed', 'BAD_ANSWER'),
        );
        return;
      }
      case 'event': {
        const schema = Object.hasOwn(remote.events, message.name) ? remote.events[message.name] : undefined;
        const payload = schema?.safeParse(message.payload);
        if (payload?.success === true) listeners.get(message.name)?.fire(payload.data);
        else onProtocolError(new LakesideError('BAD_EVENT', 'unknown', `The event ${message.name} was not as agreed.`));
        return;
      }
    }
  }

  function close(reason: string): void {
    if (closed !== undefined) return;
    closed = reason;
    owned.dispose();
    for (const abort of running.values()) abort.abort(canceledError());
    for (const { settle } of [...pending.values()]) {
      settle(() => {
        throw new LakesideError('CLOSED', 'infra', reason, { retryable: true });
      });
    }
    for (const emitter of listeners.values()) emitter.dispose();
  }

  owned.add(channel.onMessage(receive));
  owned.add(channel.onClose(close));

  function request<K extends RequestName<Far>>(
    name: K,
    input: Input<Far, K>,
    requestOptions: RequestOptions = {},
  ): Promise<Output<Far, K>> {
    const { signal, timeoutMs = DEFAULT_TIMEOUT_MS, idempotencyKey } = requestOptions;
    return new Promise((resolve, reject) => {
      if (closed !== undefined) {
        reject(new LakesideError('CLOSED', 'infra', closed, { retryable: true }));
        return;
      }
      if (signal?.aborted === true) {
        reject(canceledError());
        return;
      }
      const id = nextId++;
      const ended = new DisposableStore();
      const settle = (outcome: () => unknown): void => {
        pending.delete(id);
        ended.dispose();
        try {
          resolve(outcome() as Output<Far, K>);
        } catch (error) {
          reject(toLakesideError(error));
        }
      };
      const giveUp = (error: LakesideError): void => {
        settle(() => {
          throw error;
        });
        try {
          if (closed === undefined) post({ kind: 'cancel', id });
        } catch (postError) {
          onProtocolError(toLakesideError(postError));
        }
      };
      const output = remote.requests[name]?.output;
      if (output === undefined) {
        reject(new LakesideError('UNKNOWN_REQUEST', 'validation', `There is no request named ${name}.`));
        return;
      }
      pending.set(id, { settle, output });
      ended.add(
        clock.after(timeoutMs, () => {
          const seconds = Math.round(timeoutMs / 100) / 10;
          giveUp(
            new LakesideError('TIMEOUT', 'infra', `${name} gave no answer within ${seconds} s.`, { retryable: true }),
          );
        }),
      );
      if (signal !== undefined) {
        const onAbort = (): void => giveUp(canceledError());
        signal.addEventListener('abort', onAbort, { once: true });
        ended.add(toDisposable(() => signal.removeEventListener('abort', onAbort)));
      }
      try {
        post({ kind: 'request', id, name, input, ...(idempotencyKey === undefined ? {} : { key: idempotencyKey }) });
      } catch (error) {
        settle(() => {
          throw error;
        });
      }
    });
  }

  return {
    remote: {
      request,
      on(name, listener) {
        let emitter = listeners.get(name);
        if (emitter === undefined) {
          emitter = new Emitter<unknown>();
          listeners.set(name, emitter);
        }
        return emitter.event((payload) => listener(payload as Payload<Far, typeof name>));
      },
    },
    emit(name, payload) {
      if (closed === undefined) post({ kind: 'event', name, payload });
    },
    dispose: () => close('The connection was closed.'),
  };
}
