import type { Disposable } from '../base/disposables.ts';

/** A two-way pipe for structured-clonable messages: a worker's port, a webview, a pair in memory. */
export interface Channel {
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): Disposable;
  /** Fires once when the other end is gone, with why. */
  onClose(listener: (reason: string) => void): Disposable;
}
