import type { Clock } from '../../src/base/clock.ts';
import type { Disposable } from '../../src/base/disposables.ts';
import { type LakesideError, toLakesideError } from '../../src/base/errors.ts';
import type { WorkItem } from '../../src/protocol/studioValues.ts';
import { ObservableState } from '../shared/observableState.ts';
import type { Draft } from './itemModel.ts';
import type { ItemRemote } from './itemRemote.ts';
import type { ItemMemory } from './keptItem.ts';

export type Saving = 'saved' | 'unsaved' | 'saving' | 'failed';

export interface DraftState {
  readonly brief: string;
  readonly draft: Draft;
  readonly saving: Saving;
  /** Why the last saving failed. */
  readonly error: LakesideError | undefined;
  /** How it was before it was filled with the settings of an image; `undoFill` brings it back. */
  readonly beforeFill: Draft | undefined;
}

/** Long enough not to save every letter. */
const SAVE_AFTER_MS = 600;
const SAVE_AGAIN_MS = 5_000;

/** The brief and the draft as they are typed. Each change is kept at once and saved soon after. */
export class DraftKeeper implements Disposable {
  readonly #remote: ItemRemote;
  readonly #clock: Clock;
  readonly #memory: ItemMemory;
  readonly #item: string;
  readonly state: ObservableState<DraftState>;
  #due: Disposable | undefined;
  #saving: Promise<void> | undefined;
  /** Rises with each change; what was saved at an older one is not the last word. */
  #revision = 0;

  constructor(remote: ItemRemote, clock: Clock, memory: ItemMemory, item: WorkItem) {
    this.#remote = remote;
    this.#clock = clock;
    this.#memory = memory;
    this.#item = item.id;
    const { unsaved } = memory.kept;
    this.state = new ObservableState<DraftState>({
      brief: unsaved?.brief ?? item.brief,
      draft: unsaved?.draft ?? item.draft,
      saving: 'saved',
      error: undefined,
      beforeFill: undefined,
    });
    // Typed just before the panel was hidden: the engine may not have it.
    if (unsaved !== undefined) this.#changed();
  }

  change(part: Partial<Draft>): void {
    this.state.set({ draft: { ...this.state.getSnapshot().draft, ...part } });
    this.#changed();
  }

  changeBrief(brief: string): void {
    this.state.set({ brief });
    this.#changed();
  }

  /** Takes the settings of an image that is to be made again. */
  fill(draft: Draft): void {
    this.state.set({ draft, beforeFill: this.state.getSnapshot().draft });
    this.#changed();
  }

  undoFill(): void {
    const { beforeFill } = this.state.getSnapshot();
    if (beforeFill === undefined) return;
    this.state.set({ draft: beforeFill, beforeFill: undefined });
    this.#changed();
  }

  forgetFill(): void {
    this.state.set({ beforeFill: undefined });
  }

  /** Rises with each change made here. */
  get revision(): number {
    return this.#revision;
  }

  /**
   * The engine's work item is another one now, by another window or command. What was typed here meanwhile wins.
   * @param revision of this draft when the item was asked for
   */
  accept(item: WorkItem, revision: number): void {
    if (revision !== this.#revision || this.state.getSnapshot().saving !== 'saved') return;
    const { brief, draft } = this.state.getSnapshot();
    const isSame = brief === item.brief && JSON.stringify(draft) === JSON.stringify(item.draft);
    if (!isSame) this.state.set({ brief: item.brief, draft: item.draft });
  }

  /** Saves now what is not saved; never rejects. */
  save(): Promise<void> {
    this.#due?.dispose();
    this.#due = undefined;
    if (this.state.getSnapshot().saving === 'saved') return Promise.resolve();
    this.#saving ??= this.#saveUntilCurrent().finally(() => {
      this.#saving = undefined;
    });
    return this.#saving;
  }

  dispose(): void {
    this.#due?.dispose();
    this.state.dispose();
  }

  #changed(): void {
    this.#revision++;
    const { brief, draft } = this.state.getSnapshot();
    this.#memory.keep({ unsaved: { brief, draft } });
    this.state.set({ saving: this.#saving === undefined ? 'unsaved' : 'saving' });
    this.#saveIn(SAVE_AFTER_MS);
  }

  #saveIn(ms: number): void {
    this.#due?.dispose();
    this.#due = this.#clock.after(ms, () => void this.save());
  }

  async #saveUntilCurrent(): Promise<void> {
    for (let saved = -1; saved !== this.#revision;) {
      saved = this.#revision;
      const { brief, draft } = this.state.getSnapshot();
      this.state.set({ saving: 'saving' });
      try {
        await this.#remote.request('items.update', { id: this.#item, brief, draft });
      } catch (error) {
        const reason = toLakesideError(error);
        this.state.set({ saving: 'failed', error: reason });
        if (reason.retryable) this.#saveIn(SAVE_AGAIN_MS);
        return;
      }
    }
    this.#due?.dispose();
    this.#memory.keep({ unsaved: undefined });
    this.state.set({ saving: 'saved', error: undefined });
  }
}
