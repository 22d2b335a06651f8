import type { WebSocket } from 'ws';

import type { Clock } from '../../../base/clock.ts';
import type { Disposable } from '../../../base/disposables.ts';
import { readSocketBinary, readSocketText, type SocketMessage } from './socketMessages.ts';

/** Largest message that is taken, in bytes: previews are small. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
/** A connection whose other end is gone says nothing; it is asked so often. */
const PING_MS = 20_000;

export interface SocketOptions {
  readonly clock: Clock;
  /** Asked before every connection. */
  readonly target: () => Promise<{ readonly url: string; readonly headers: Readonly<Record<string, string>> }>;
  readonly onMessage: (message: SocketMessage) => void;
  /** It was open, and is not any more; what was said meanwhile is never said again. */
  readonly onLost: () => void;
  readonly onOpen: () => void;
}

/**
 * A socket to a ComfyUI that comes back by itself. It only hints: whether it is open or not, the run goes on, and queue
 * and history tell how.
 */
export class ComfyuiSocket implements Disposable {
  readonly #options: SocketOptions;
  #socket: WebSocket | undefined;
  #timer: Disposable | undefined;
  #waitMs = FIRST_WAIT_MS;
  #disposed = false;

  constructor(options: SocketOptions) {
    this.#options = options;
    void this.#connect();
  }

  dispose(): void {
    this.#disposed = true;
    this.#timer?.dispose();
    this.#socket?.terminate();
  }

  async #connect(): Promise<void> {
    try {
      // Loaded when it is wanted: with all of Node's networking it would be a fifth of the command line's start.
      const [{ WebSocket: Socket }, { url, headers }] = await Promise.all([import('ws'), this.#options.target()]);
      if (this.#disposed) return;
      this.#open(
        new Socket(url, {
          headers,
          maxPayload: MAX_MESSAGE_BYTES,
          handshakeTimeout: 10_000,
          perMessageDeflate: false,
        }),
      );
    } catch {
      // Why the server cannot be asked is said by who asks queue and history.
      this.#later();
    }
  }

  #open(socket: WebSocket): void {
    this.#socket = socket;
    let opened = false;
    let answered = true;
    let ping: Disposable | undefined;
    const keepAsking = (): void => {
      ping = this.#options.clock.after(PING_MS, () => {
        if (!answered) {
          socket.terminate();
          return;
        }
        answered = false;
        socket.ping();
        keepAsking();
      });
    };
    socket.on('open', () => {
      opened = true;
      this.#waitMs = FIRST_WAIT_MS;
      // Without it previews come with no word of whose they are.
      socket.send(JSON.stringify({ type: 'feature_flags', data: { supports_preview_metadata: true } }));
      keepAsking();
      this.#options.onOpen();
    });
    socket.on('message', (data, isBinary) => {
      answered = true;
      const bytes = Buffer.isBuffer(data) ? data : Buffer.concat(Array.isArray(data) ? data : [Buffer.from(data)]);
      const message = isBinary ? readSocketBinary(bytes) : readSocketText(bytes.toString('utf8'));
      if (message !== undefined && !this.#disposed) this.#options.onMessage(message);
    });
    socket.on('pong', () => (answered = true));
    // An error is followed by its close.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      ping?.dispose();
      if (this.#disposed) return;
      if (opened) this.#options.onLost();
      this.#later();
    });
  }

  #later(): void {
    if (this.#disposed) return;
    this.#timer = this.#options.clock.after(this.#waitMs, () => void this.#connect());
    this.#waitMs = Math.min(LONGEST_WAIT_MS, this.#waitMs * 2);
  }
}
