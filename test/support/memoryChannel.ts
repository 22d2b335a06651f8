import { Emitter } from '../../src/base/events.ts';
import type { Channel } from '../../src/protocol/channel.ts';

export interface MemoryChannelPair {
  readonly left: Channel;
  readonly right: Channel;
  close(reason: string): void;
}

/** Two joined ends. Messages are cloned and arrive in a later turn, as between threads. */
export function memoryChannelPair(): MemoryChannelPair {
  const toLeft = new Emitter<unknown>();
  const toRight = new Emitter<unknown>();
  const closed = new Emitter<string>();
  const end = (send: Emitter<unknown>, receive: Emitter<unknown>): Channel => ({
    post: (message) => {
      const copy: unknown = structuredClone(message);
      setImmediate(() => send.fire(copy));
    },
    onMessage: receive.event,
    onClose: closed.event,
  });
  return {
    left: end(toRight, toLeft),
    right: end(toLeft, toRight),
    close: (reason) => closed.fire(reason),
  };
}
