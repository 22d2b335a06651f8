import type { Disposable } from '../base/disposables.ts';
import type { LakesideError } from '../base/errors.ts';
import type { EngineEvents } from '../protocol/engineContract.ts';
import type { CallUseCase } from '../protocol/useCases.ts';

export type { EngineEvents };

export type EngineState =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly error: LakesideError };

/** The core, as the editor's side sees it. Everything the UI does goes through `call`. */
export interface EngineClient {
  /**
   * Calls a use case. The first call starts the engine and waits for it; a failed engine rejects at once with the
   * error it failed with, until `restart`.
   */
  readonly call: CallUseCase;
  readonly state: EngineState;
  onStateChange(listener: (state: EngineState) => void): Disposable;
  /** Hears an event, from this engine and from those that replace it after a crash. */
  on<K extends keyof EngineEvents>(event: K, listener: (payload: EngineEvents[K]) => void): Disposable;
  /** Ends the engine, if one runs, and starts it anew. Rejects with why it could not start. */
  restart(): Promise<void>;
}
