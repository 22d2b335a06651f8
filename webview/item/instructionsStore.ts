import type { Clock } from '../../src/base/clock.ts';
import { type Disposable, DisposableStore } from '../../src/base/disposables.ts';
import { isCanceled, type LakesideError, toLakesideError } from '../../src/base/errors.ts';
import type { InstructionScope } from '../../src/protocol/studioValues.ts';
import { ObservableState } from '../shared/observableState.ts';
import { Refresher } from '../shared/refresher.ts';
import type { ItemRemote } from './itemRemote.ts';
import type { ItemMemory } from './keptItem.ts';

export interface Instruction {
  readonly scope: InstructionScope;
  readonly id: string;
  /** What the scope is called: the brand's name, the person's. */
  readonly name: string;
  readonly text: string;
}

export interface InstructionsState {
  /** undefined until the first answer. */
  readonly instructions: readonly Instruction[] | undefined;
  readonly voice: string;
  /** What is being written, by scope; not saved yet. */
  readonly writing: Readonly<Partial<Record<string, string>>>;
  readonly saving: InstructionScope | undefined;
  readonly error: LakesideError | undefined;
}

/** The instructions that count for the work item. What is being written is kept, and saved when the person says so. */
export class InstructionsStore implements Disposable {
  readonly #remote: ItemRemote;
  readonly #item: string;
  readonly #memory: ItemMemory;
  readonly #onSaved: () => void;
  readonly #owned = new DisposableStore();
  readonly #refresher: Refresher;
  readonly state: ObservableState<InstructionsState>;

  constructor(remote: ItemRemote, clock: Clock, memory: ItemMemory, item: string, onSaved: () => void) {
    this.#remote = remote;
    this.#item = item;
    this.#memory = memory;
    this.#onSaved = onSaved;
    this.state = this.#owned.add(
      new ObservableState<InstructionsState>({
        instructions: undefined,
        voice: '',
        writing: memory.kept.instructions,
        saving: undefined,
        error: undefined,
      }),
    );
    this.#refresher = this.#owned.add(new Refresher(clock, () => this.#fetch()));
    this.#owned.add(
      remote.on('changed', ({ topics }) => {
        if (topics.includes('studio')) this.#refresher.soon();
      }),
    );
    void this.#refresher.now();
  }

  /** @param text undefined: what was being written is given up */
  write(scope: InstructionScope, text: string | undefined): void {
    const { [scope]: _before, ...others } = this.state.getSnapshot().writing;
    const writing = text === undefined ? others : { ...others, [scope]: text };
    this.state.set({ writing, error: undefined });
    const kept: Record<string, string> = {};
    for (const [name, value] of Object.entries(writing)) if (value !== undefined) kept[name] = value;
    this.#memory.keep({ instructions: kept });
  }

  async save({ scope, id }: Instruction): Promise<void> {
    const text = this.state.getSnapshot().writing[scope];
    if (text === undefined || this.state.getSnapshot().saving !== undefined) return;
    this.state.set({ saving: scope, error: undefined });
    try {
      await this.#remote.request('instructions.set', { scope, id, text: text.trim() });
      await this.#refresher.now();
      this.write(scope, undefined);
      this.#onSaved();
    } catch (error) {
      if (!isCanceled(error)) this.state.set({ error: toLakesideError(error) });
    }
    this.state.set({ saving: undefined });
  }

  dispose(): void {
    this.#owned.dispose();
  }

  async #fetch(): Promise<void> {
    try {
      const { instructions, voice } = await this.#remote.request('instructions.get', { item: this.#item });
      this.state.set({ instructions, voice });
    } catch (error) {
      if (!isCanceled(error)) this.state.set({ error: toLakesideError(error) });
    }
  }
}
