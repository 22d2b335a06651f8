import type { Clock } from '../../src/base/clock.ts';
import { type Disposable, DisposableStore, toDisposable } from '../../src/base/disposables.ts';
import { isCanceled, type LakesideError, toLakesideError } from '../../src/base/errors.ts';
import type { ProviderInfo } from '../../src/protocol/contracts/providers.ts';
import type { InputField, MergedPrompt, Workflow } from '../../src/protocol/studioValues.ts';
import { ObservableState } from '../shared/observableState.ts';
import { Refresher } from '../shared/refresher.ts';
import { chosenProvider, chosenWorkflow, type Draft } from './itemModel.ts';
import type { ItemRemote } from './itemRemote.ts';

export interface FieldsAnswer {
  readonly fields: readonly InputField[];
  /** Why choices are not known now. */
  readonly problems: readonly { readonly code: string; readonly message: string }[];
}

export interface OptionsState {
  /** undefined until the first answer. */
  readonly providers: readonly ProviderInfo[] | undefined;
  readonly workflows: readonly Workflow[] | undefined;
  /** While the providers are asked whether they can work. */
  readonly checking: boolean;
  readonly provider: ProviderInfo | undefined;
  readonly workflow: Workflow | undefined;
  /** What one can set with these two; of the choice before until the answer is there. */
  readonly answer: FieldsAnswer | undefined;
  readonly asking: boolean;
  /** Why the fields could not be asked for. */
  readonly fieldsError: LakesideError | undefined;
  readonly error: LakesideError | undefined;
  readonly merged: MergedPrompt | undefined;
  readonly mergeError: LakesideError | undefined;
}

/** A provider that was away is asked again by itself: servers are started after the editor. */
const CHECK_AGAIN_MS = 15_000;
const MERGE_AFTER_MS = 250;
/** A server that is switched off can take long to be known as such. */
const CHECK_TIMEOUT_MS = 30_000;

/** What one can generate with: providers and whether they can work, workflows, their fields, and the merged prompt. */
export class OptionsStore implements Disposable {
  readonly #remote: ItemRemote;
  readonly #clock: Clock;
  readonly #item: string;
  readonly #owned = new DisposableStore();
  readonly state: ObservableState<OptionsState>;
  readonly #lists: Refresher;
  #draft: Draft;
  #checkDue: Disposable | undefined;
  #mergeDue: Disposable | undefined;
  #asked: { readonly key: string; readonly abort: AbortController } | undefined;
  #merging: AbortController | undefined;

  constructor(remote: ItemRemote, clock: Clock, item: string, draft: Draft) {
    this.#remote = remote;
    this.#clock = clock;
    this.#item = item;
    this.#draft = draft;
    this.state = this.#owned.add(
      new ObservableState<OptionsState>({
        providers: undefined,
        workflows: undefined,
        checking: false,
        provider: undefined,
        workflow: undefined,
        answer: undefined,
        asking: false,
        fieldsError: undefined,
        error: undefined,
        merged: undefined,
        mergeError: undefined,
      }),
    );
    this.#lists = this.#owned.add(new Refresher(clock, () => this.#fetchLists()));
    this.#owned.add(toDisposable(() => this.#checkDue?.dispose()));
    this.#owned.add(toDisposable(() => this.#mergeDue?.dispose()));
    this.#owned.add(toDisposable(() => this.#asked?.abort.abort()));
    this.#owned.add(toDisposable(() => this.#merging?.abort()));
    this.#owned.add(
      remote.on('changed', ({ topics }) => {
        if (!topics.includes('studio')) return;
        this.#lists.soon();
        this.#mergeSoon();
      }),
    );
    void this.#lists.now();
    void this.#merge();
  }

  /** The draft is this one now. */
  follow(draft: Draft): void {
    const before = this.#draft;
    this.#draft = draft;
    if (draft.provider !== before.provider || draft.workflow !== before.workflow) this.#choose();
    if (draft.prompt !== before.prompt || draft.negative !== before.negative) this.#mergeSoon();
  }

  /** Asks the providers and their fields again. */
  checkAgain(): void {
    this.#asked?.abort.abort();
    this.#asked = undefined;
    void this.#lists.now();
  }

  /** Instructions were written here. */
  instructionsChanged(): void {
    void this.#merge();
  }

  dispose(): void {
    this.#owned.dispose();
  }

  async #fetchLists(): Promise<void> {
    this.#checkDue?.dispose();
    try {
      if (this.state.getSnapshot().providers === undefined) {
        // At once what there is, then whether it can work: that takes as long as the slowest server.
        const [{ providers }, { workflows }] = await Promise.all([
          this.#remote.request('providers.list', {}),
          this.#remote.request('workflows.list', {}),
        ]);
        this.state.set({ providers, workflows, error: undefined });
        this.#choose();
      }
      this.state.set({ checking: true });
      const [{ providers }, { workflows }] = await Promise.all([
        this.#remote.request('providers.list', { check: true }, { timeoutMs: CHECK_TIMEOUT_MS }),
        this.#remote.request('workflows.list', {}),
      ]);
      this.state.set({ providers, workflows, checking: false, error: undefined });
    } catch (error) {
      if (!isCanceled(error)) this.state.set({ checking: false, error: toLakesideError(error) });
    }
    this.#choose();
    if (this.state.getSnapshot().provider?.available === false) {
      this.#checkDue = this.#clock.after(CHECK_AGAIN_MS, () => this.#lists.soon());
    }
  }

  #choose(): void {
    const { providers = [], workflows = [] } = this.state.getSnapshot();
    const provider = chosenProvider(providers, this.#draft);
    const workflow = chosenWorkflow(workflows, this.#draft, provider);
    this.state.set({ provider, workflow });
    void this.#askFields(provider, workflow);
  }

  async #askFields(provider: ProviderInfo | undefined, workflow: Workflow | undefined): Promise<void> {
    if (provider === undefined || (provider.workflows && workflow === undefined)) {
      this.#asked?.abort.abort();
      this.#asked = undefined;
      this.state.set({ answer: undefined, asking: false, fieldsError: undefined });
      return;
    }
    // Whether it can work, and what the workflow's names are bound to, decide what can be set.
    const key = JSON.stringify([provider.name, provider.available, workflow?.id, workflow?.bindings]);
    if (this.#asked?.key === key) return;
    this.#asked?.abort.abort();
    const asked = { key, abort: new AbortController() };
    this.#asked = asked;
    this.state.set({ asking: true });
    try {
      const answer = await this.#remote.request(
        'workflows.fields',
        { provider: provider.name, ...(workflow === undefined ? {} : { workflow: workflow.id }) },
        { signal: asked.abort.signal, timeoutMs: CHECK_TIMEOUT_MS },
      );
      if (this.#asked === asked) this.state.set({ answer, asking: false, fieldsError: undefined });
    } catch (error) {
      if (isCanceled(error) || this.#asked !== asked) return;
      this.#asked = undefined;
      this.state.set({ answer: undefined, asking: false, fieldsError: toLakesideError(error) });
    }
  }

  #mergeSoon(): void {
    this.#mergeDue?.dispose();
    this.#mergeDue = this.#clock.after(MERGE_AFTER_MS, () => void this.#merge());
  }

  async #merge(): Promise<void> {
    this.#mergeDue?.dispose();
    this.#merging?.abort();
    const abort = new AbortController();
    this.#merging = abort;
    const { prompt = '', negative = '' } = this.#draft;
    try {
      const merged = await this.#remote.request(
        'instructions.merge',
        { item: this.#item, prompt, negative },
        { signal: abort.signal },
      );
      if (this.#merging === abort) this.state.set({ merged, mergeError: undefined });
    } catch (error) {
      if (!isCanceled(error) && this.#merging === abort) this.state.set({ mergeError: toLakesideError(error) });
    }
  }
}
