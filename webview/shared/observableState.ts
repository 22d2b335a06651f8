import type { Disposable } from '../../src/base/disposables.ts';
import { Emitter } from '../../src/base/events.ts';

/** A value that draws: an immutable snapshot, and a word to whoever shows it when there is another one. */
export class ObservableState<State extends object> implements Disposable {
  readonly #changes = new Emitter<undefined>();
  #state: State;

  constructor(initial: State) {
    this.#state = initial;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    const subscription = this.#changes.event(listener);
    return () => subscription.dispose();
  };

  readonly getSnapshot = (): State => this.#state;

  set(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    this.#changes.fire(undefined);
  }

  dispose(): void {
    this.#changes.dispose();
  }
}
