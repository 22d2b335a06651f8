import { Emitter, type Event } from '../base/events.ts';

/** Lets some work stand still, in the middle of a file, while something more urgent goes on. */
export class Hold {
  readonly #changes = new Emitter<boolean>();
  #held = false;

  readonly onChange: Event<boolean> = this.#changes.event;

  get held(): boolean {
    return this.#held;
  }

  set(held: boolean): void {
    if (held === this.#held) return;
    this.#held = held;
    this.#changes.fire(held);
  }
}
