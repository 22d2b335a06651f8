import type { MessagePort } from 'node:worker_threads';
import * as z from 'zod';

import { toDisposable } from '../base/disposables.ts';
import type { Event } from '../base/events.ts';
import type { Channel } from '../protocol/channel.ts';
import {
  engineContract,
  type EngineContract,
  type EngineEvents,
  engineHostContract,
  type EngineHostContract,
} from '../protocol/engineContract.ts';
import { connect, type HandlerContext, type Handlers, type Remote } from '../protocol/rpc.ts';
import { USE_CASES, type UseCaseName } from '../protocol/useCases.ts';
import type { Dispatcher } from './dispatcher.ts';

export interface ServedEngine {
  readonly dispatcher: Dispatcher;
  on<K extends keyof EngineEvents>(event: K): Event<EngineEvents[K]>;
  close(options: { readonly handOver: boolean }): Promise<void>;
}

/** Serves an engine over the port of its worker thread until the host asks it to stop; gives the host to ask. */
export function serveEngine(engine: ServedEngine, port: MessagePort): Remote<EngineHostContract> {
  const peer = connect({
    channel: portChannel(port),
    local: engineContract,
    handlers: handlersOf(engine.dispatcher),
    remote: engineHostContract,
  });
  engine.on('changed')((payload) => peer.emit('changed', payload));
  engine.on('progress')((payload) => peer.emit('progress', payload));
  engine.on('preview')((payload) => peer.emit('preview', payload));
  engine.on('notice')((payload) => peer.emit('notice', payload));
  engine.on('log')((payload) => peer.emit('log', payload));
  port.on('message', (message: unknown) => {
    const stop = stopSchema.safeParse(message).data;
    if (stop === undefined) return;
    peer.dispose();
    // Closing the port lets the thread end; an error here has nobody left to hear it but the thread's end.
    void engine.close(stop).finally(() => port.close());
  });
  port.postMessage({ kind: 'ready' });
  return peer.remote;
}

/** One handler for each use case, all of them the dispatcher. */
function handlersOf(dispatcher: Dispatcher): Handlers<EngineContract> {
  const names = Object.keys(USE_CASES) as UseCaseName[];
  const handler = (name: UseCaseName) => (input: never, context: HandlerContext) =>
    dispatcher.run(name, input, context);
  return Object.fromEntries(names.map((name) => [name, handler(name)])) as unknown as Handlers<EngineContract>;
}

/** The host's last message. `handOver`: the window closes; without it another engine follows here. */
const stopSchema = z.object({ kind: z.literal('stop'), handOver: z.boolean() });

function portChannel(port: MessagePort): Channel {
  return {
    post: (message) => port.postMessage(message),
    onMessage(listener) {
      const filtered = (message: unknown): void => {
        if (!stopSchema.safeParse(message).success) listener(message);
      };
      port.on('message', filtered);
      return toDisposable(() => port.off('message', filtered));
    },
    onClose(listener) {
      const onClose = (): void => listener('The host closed the connection.');
      port.once('close', onClose);
      return toDisposable(() => port.off('close', onClose));
    },
  };
}
