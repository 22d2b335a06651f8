import type { Clock } from '../../src/base/clock.ts';
import { type Disposable, DisposableStore } from '../../src/base/disposables.ts';
import { isCanceled, type LakesideError, toLakesideError } from '../../src/base/errors.ts';
import type { Binding, Generation, Workflow, WorkItem } from '../../src/protocol/studioValues.ts';
import { ObservableState } from '../shared/observableState.ts';
import { Refresher } from '../shared/refresher.ts';
import type { NodeInput } from './bindingModel.ts';
import { DraftKeeper } from './draftKeeper.ts';
import { InstructionsStore } from './instructionsStore.ts';
import { type Draft, randomSeed, valuesToSend } from './itemModel.ts';
import type { ItemRemote } from './itemRemote.ts';
import { ItemMemory, type KeptState } from './keptItem.ts';
import { OptionsStore } from './optionsStore.ts';
import { RunsStore } from './runsStore.ts';

/** All of an open work item. */
export interface OpenItem {
  readonly memory: ItemMemory;
  readonly draft: DraftKeeper;
  readonly options: OptionsStore;
  readonly instructions: InstructionsStore;
  readonly runs: RunsStore;
}

export interface ItemState {
  readonly item: WorkItem | undefined;
  readonly open: OpenItem | undefined;
  readonly trusted: boolean;
  /** Why the work item could not be opened. */
  readonly openError: LakesideError | undefined;
  /** The seed of the next run while the dice is not locked. */
  readonly nextSeed: number;
  readonly acting: boolean;
  /** What the person asked for last and was refused. */
  readonly actionError: LakesideError | undefined;
}

/** The Work item editor: opens the item, and does what its buttons say. */
export class ItemStore implements Disposable {
  readonly #remote: ItemRemote;
  readonly #clock: Clock;
  readonly #keptState: KeptState;
  readonly #owned = new DisposableStore();
  readonly #item: Refresher;
  readonly state: ObservableState<ItemState>;
  /** Came before the work item did. */
  #pendingFill: Draft | undefined;

  constructor(remote: ItemRemote, clock: Clock, keptState: KeptState) {
    this.#remote = remote;
    this.#clock = clock;
    this.#keptState = keptState;
    this.state = this.#owned.add(
      new ObservableState<ItemState>({
        item: undefined,
        open: undefined,
        trusted: false,
        openError: undefined,
        nextSeed: randomSeed(),
        acting: false,
        actionError: undefined,
      }),
    );
    this.#item = this.#owned.add(new Refresher(clock, () => this.#fetchItem()));
    this.#owned.add(remote.on('trust', ({ trusted }) => this.state.set({ trusted })));
    this.#owned.add(remote.on('fill', ({ generation }) => this.#fill(generation)));
    this.#owned.add(
      remote.on('changed', ({ topics }) => {
        if (topics.includes('studio')) this.#item.soon();
      }),
    );
    void this.reopen();
  }

  async reopen(): Promise<void> {
    this.state.set({ openError: undefined });
    try {
      const { item: id, trusted } = await this.#remote.request('item.which', {});
      const { item } = await this.#remote.request('items.get', { id });
      if (!this.#owned.isDisposed) this.#show(item, trusted);
    } catch (error) {
      this.state.set({ openError: toLakesideError(error) });
    }
  }

  /** Makes images with what is on screen. */
  async generate(): Promise<void> {
    const { item, open, acting, nextSeed } = this.state.getSnapshot();
    if (item === undefined || open === undefined || acting) return;
    const { draft } = open.draft.state.getSnapshot();
    const { provider, workflow, answer } = open.options.state.getSnapshot();
    if (provider === undefined) return;
    const generation: Generation = {
      provider: provider.name,
      ...(workflow === undefined ? {} : { workflow: workflow.id }),
      prompt: draft.prompt ?? '',
      negative: draft.negative ?? '',
      seed: draft.seed ?? nextSeed,
      count: draft.count ?? 1,
      values: valuesToSend(draft.values ?? {}, answer?.fields),
    };
    await this.#act(async () => {
      await this.#remote.request(
        'runs.generate',
        { item: item.id, generation },
        { idempotencyKey: crypto.randomUUID() },
      );
      // What was used once stays chosen, even if another provider comes back that would be the first choice.
      if (draft.provider === undefined) open.draft.change({ provider: provider.name });
      if (draft.seed === undefined) this.rollSeed();
      await open.runs.refresh();
    });
  }

  /** Throws the dice: another seed for the next run, and for those after it if the seed is locked. */
  rollSeed(): void {
    const { open } = this.state.getSnapshot();
    const seed = randomSeed();
    if (open?.draft.state.getSnapshot().draft.seed === undefined) this.#setNextSeed(seed);
    else open.draft.change({ seed });
  }

  /** Locked, each run has the seed that is shown; unlocked, each has one of its own. */
  lockSeed(locked: boolean): void {
    const { open, nextSeed } = this.state.getSnapshot();
    if (open === undefined) return;
    const { seed } = open.draft.state.getSnapshot().draft;
    if (!locked && seed !== undefined) this.#setNextSeed(seed);
    open.draft.change({ seed: locked ? (seed ?? nextSeed) : undefined });
  }

  async importWorkflow(): Promise<void> {
    await this.#act(async () => {
      const { workflow } = await this.#remote.request('item.importWorkflow', {}, { timeoutMs: DIALOG_TIMEOUT_MS });
      if (workflow !== null) this.useWorkflow(workflow);
    });
  }

  /** @throws LakesideError */
  async workflowInputs(workflow: string): Promise<readonly NodeInput[]> {
    return (await this.#remote.request('workflows.get', { id: workflow })).inputs;
  }

  /** @throws LakesideError */
  async bind(workflow: string, bindings: Binding[]): Promise<void> {
    this.useWorkflow((await this.#remote.request('workflows.bind', { id: workflow, bindings })).workflow);
  }

  async chooseImage(name: string): Promise<void> {
    await this.#act(async () => {
      const { path } = await this.#remote.request('item.chooseImage', {}, { timeoutMs: DIALOG_TIMEOUT_MS });
      if (path !== null) this.setValue(name, path);
    });
  }

  /** The workflow that was imported, or made by correcting the bindings of another. */
  useWorkflow(workflow: Workflow): void {
    const open = this.state.getSnapshot().open;
    open?.draft.change({ workflow: workflow.id });
    open?.options.checkAgain();
  }

  /** @param value undefined: left to the provider's default */
  setValue(name: string, value: string | number | boolean | undefined): void {
    const { open } = this.state.getSnapshot();
    if (open === undefined) return;
    const { [name]: _before, ...others } = open.draft.state.getSnapshot().draft.values ?? {};
    open.draft.change({ values: value === undefined ? others : { ...others, [name]: value } });
  }

  /** Fills the editor with what a run was made with. */
  async again(run: string): Promise<void> {
    await this.#act(async () => this.#fill((await this.#remote.request('runs.again', { run })).generation));
  }

  /** Runs something of the person's asking; a refusal is shown until the next asking. */
  ask(request: (remote: ItemRemote) => Promise<unknown>): void {
    void this.#act(() => request(this.#remote));
  }

  dismissError(): void {
    this.state.set({ actionError: undefined });
  }

  dispose(): void {
    this.#close();
    this.#owned.dispose();
  }

  #show(item: WorkItem, trusted: boolean): void {
    this.#close();
    const memory = new ItemMemory(item.id, this.#keptState);
    const draft = new DraftKeeper(this.#remote, this.#clock, memory, item);
    const options = new OptionsStore(this.#remote, this.#clock, item.id, draft.state.getSnapshot().draft);
    draft.state.subscribe(() => options.follow(draft.state.getSnapshot().draft));
    const instructions = new InstructionsStore(this.#remote, this.#clock, memory, item.id, () =>
      options.instructionsChanged(),
    );
    const runs = new RunsStore(this.#remote, this.#clock, item.id);
    const nextSeed = memory.kept.seed ?? this.state.getSnapshot().nextSeed;
    this.state.set({ item, trusted, nextSeed, open: { memory, draft, options, instructions, runs } });
    const fill = this.#pendingFill;
    this.#pendingFill = undefined;
    if (fill !== undefined) draft.fill(fill);
  }

  #close(): void {
    const { open } = this.state.getSnapshot();
    if (open === undefined) return;
    for (const part of [open.draft, open.options, open.instructions, open.runs]) part.dispose();
  }

  #setNextSeed(nextSeed: number): void {
    this.state.set({ nextSeed });
    this.state.getSnapshot().open?.memory.keep({ seed: nextSeed });
  }

  #fill(generation: Draft): void {
    const { open } = this.state.getSnapshot();
    if (open === undefined) this.#pendingFill = generation;
    else open.draft.fill(generation);
  }

  async #fetchItem(): Promise<void> {
    const { item, open } = this.state.getSnapshot();
    if (item === undefined || open === undefined) return;
    const { revision } = open.draft;
    try {
      const answer = await this.#remote.request('items.get', { id: item.id });
      this.state.set({ item: answer.item });
      open.draft.accept(answer.item, revision);
    } catch (error) {
      if (!isCanceled(error)) this.state.set({ actionError: toLakesideError(error) });
    }
  }

  async #act(request: () => Promise<unknown>): Promise<void> {
    this.state.set({ acting: true, actionError: undefined });
    try {
      await request();
    } catch (error) {
      if (!isCanceled(error)) this.state.set({ actionError: toLakesideError(error) });
    }
    this.state.set({ acting: false });
  }
}

/** A person may look for a file as long as they like. */
const DIALOG_TIMEOUT_MS = 3_600_000;
