import type { Clock } from '../../src/base/clock.ts';
import { type Disposable, DisposableStore } from '../../src/base/disposables.ts';
import { isCanceled, type LakesideError, toLakesideError } from '../../src/base/errors.ts';
import type { Pick, Run, RunImage } from '../../src/protocol/studioValues.ts';
import type { LiveProgress } from '../../src/protocol/values.ts';
import { ObservableState } from '../shared/observableState.ts';
import { Refresher } from '../shared/refresher.ts';
import { isActive } from '../shared/runWords.ts';
import { Thumbnails } from '../shared/thumbnails.ts';
import type { ItemRemote } from './itemRemote.ts';
import { afterImages, type PartPreview, SHOWN_IMAGES } from './runModel.ts';

export interface RunsState {
  /** Newest first; undefined until the first answer. */
  readonly runs: readonly Run[] | undefined;
  readonly images: ReadonlyMap<string, readonly RunImage[]>;
  /** Of what is being made, by run. */
  readonly previews: ReadonlyMap<string, readonly PartPreview[]>;
  /** By job. */
  readonly progress: ReadonlyMap<string, LiveProgress>;
  readonly error: LakesideError | undefined;
  /** What was asked of a run last and refused, by run. */
  readonly refused: { readonly run: string; readonly error: LakesideError } | undefined;
  /** Runs that wait for the answer to Cancel or Retry. */
  readonly acting: ReadonlySet<string>;
}

/** A pick that is shown ahead of what a fetch says. */
interface Judgement {
  readonly pick: Pick;
  /** Whether the other side has it: a fetch that starts from then on tells it. */
  answered: boolean;
}

const RUNS = 30;
const IMAGES = 400;

/** The runs of the work item, with their images and what is known of those that run. */
export class RunsStore implements Disposable {
  readonly #remote: ItemRemote;
  readonly #item: string;
  readonly #owned = new DisposableStore();
  readonly state: ObservableState<RunsState>;
  readonly #runs: Refresher;
  /** By image: what was pressed last, until a fetch tells it. */
  readonly #judgements = new Map<string, Judgement>();
  readonly thumbnails: Thumbnails;

  constructor(remote: ItemRemote, clock: Clock, item: string) {
    this.#remote = remote;
    this.#item = item;
    this.state = this.#owned.add(
      new ObservableState<RunsState>({
        runs: undefined,
        images: new Map(),
        previews: new Map(),
        progress: new Map(),
        error: undefined,
        refused: undefined,
        acting: new Set(),
      }),
    );
    this.#runs = this.#owned.add(new Refresher(clock, () => this.#fetchRuns()));
    this.thumbnails = this.#owned.add(
      new Thumbnails(async (wanted, _size, signal) => {
        return (await remote.request('item.thumbnails', { images: wanted }, { signal })).thumbnails;
      }, clock),
    );
    this.#owned.add(
      remote.on('changed', ({ topics }) => {
        if (topics.some((topic) => topic === 'runs' || topic === 'images' || topic === 'jobs')) this.#runs.soon();
      }),
    );
    this.#owned.add(
      remote.on('progress', ({ job, status, progress }) => {
        const { runs, progress: known } = this.state.getSnapshot();
        const run = runs?.find((each) => each.job === job);
        // Before the runs are known any job may be of one of them; the fetch keeps what is.
        if (runs !== undefined && run === undefined) return;
        this.state.set({ progress: new Map(known).set(job, progress) });
        if (run !== undefined && run.status !== status) this.#runs.soon();
      }),
    );
    this.#owned.add(
      remote.on('preview', ({ run, part, uri }) => {
        const { previews } = this.state.getSnapshot();
        const others = (previews.get(run) ?? []).filter((preview) => preview.part !== part);
        this.state.set({ previews: new Map(previews).set(run, [...others, { part, uri }]) });
      }),
    );
    void this.#runs.now();
  }

  refresh(): Promise<void> {
    return this.#runs.now();
  }

  cancel(run: Run): void {
    void this.#act(run.id, () =>
      this.#remote.request('jobs.cancel', { id: run.job }, { idempotencyKey: crypto.randomUUID() }),
    );
  }

  retry(run: Run): void {
    void this.#act(run.id, () =>
      this.#remote.request('jobs.retry', { id: run.job }, { idempotencyKey: crypto.randomUUID() }),
    );
  }

  /** Picks or rejects an image; the same again takes it back. */
  judge(image: RunImage, pick: Pick): void {
    // Not as the image is shown: a second key may come before the first was drawn.
    const next = this.#judged(image).pick === pick ? 'none' : pick;
    const judgement: Judgement = { pick: next, answered: false };
    this.#judgements.set(image.id, judgement);
    const { images } = this.state.getSnapshot();
    const ofRun = (images.get(image.run) ?? []).map((each) => this.#judged(each));
    this.state.set({ images: new Map(images).set(image.run, ofRun) });
    void this.#act(image.run, async () => {
      try {
        await this.#remote.request('images.judge', { images: [image.id], pick: next });
        judgement.answered = true;
      } catch (error) {
        this.#forget(image.id, judgement);
        throw error;
      }
    });
  }

  /** Opens something of a run elsewhere. */
  ask(run: string, request: (remote: ItemRemote) => Promise<unknown>): void {
    void this.#act(run, () => request(this.#remote), false);
  }

  dismiss(): void {
    this.state.set({ refused: undefined });
  }

  dispose(): void {
    this.#owned.dispose();
  }

  async #act(run: string, request: () => Promise<unknown>, refreshes = true): Promise<void> {
    const { acting } = this.state.getSnapshot();
    this.state.set({ acting: new Set(acting).add(run), refused: undefined });
    try {
      await request();
    } catch (error) {
      if (!isCanceled(error)) this.state.set({ refused: { run, error: toLakesideError(error) } });
    }
    if (refreshes) await this.#runs.now();
    const left = new Set(this.state.getSnapshot().acting);
    left.delete(run);
    this.state.set({ acting: left });
  }

  #judged(image: RunImage): RunImage {
    const judgement = this.#judgements.get(image.id);
    return judgement === undefined ? image : { ...image, pick: judgement.pick };
  }

  #forget(image: string, judgement: Judgement): void {
    if (this.#judgements.get(image) === judgement) this.#judgements.delete(image);
  }

  async #fetchRuns(): Promise<void> {
    const told = [...this.#judgements].filter(([, { answered }]) => answered);
    try {
      const [{ runs }, page] = await Promise.all([
        this.#remote.request('runs.list', { item: this.#item, limit: RUNS }),
        this.#remote.request('images.page', { item: this.#item, limit: IMAGES }),
      ]);
      for (const [image, judgement] of told) this.#forget(image, judgement);
      const images = new Map<string, RunImage[]>();
      // A page is newest first; within a run one reads them in the order they were made.
      for (const fetched of page.images.toReversed()) {
        const image = this.#judged(fetched);
        const ofRun = images.get(image.run);
        if (ofRun === undefined) images.set(image.run, [image]);
        else ofRun.push(image);
      }
      const before = this.state.getSnapshot();
      const active = runs.filter(isActive);
      const progress = new Map(await Promise.all(active.map((run) => this.#progressOf(run))));
      const previews = new Map(
        active.map(({ id }) => {
          // What was there when the page was loaded did not come in the place of a preview.
          const grown =
            before.runs === undefined ? 0 : (images.get(id)?.length ?? 0) - (before.images.get(id)?.length ?? 0);
          return [id, afterImages(this.state.getSnapshot().previews.get(id) ?? [], grown)] as const;
        }),
      );
      this.state.set({
        runs,
        images,
        previews,
        progress: new Map([...progress].flatMap(([job, share]) => (share === undefined ? [] : [[job, share]]))),
        error: undefined,
      });
      this.#wantThumbnails();
    } catch (error) {
      if (!isCanceled(error)) this.state.set({ error: toLakesideError(error) });
    }
  }

  /** What was heard last, or, of a run that was going on before this page was loaded, what its job says. */
  async #progressOf({ job }: Run): Promise<readonly [string, LiveProgress | undefined]> {
    const heard = this.state.getSnapshot().progress.get(job);
    if (heard !== undefined) return [job, heard];
    try {
      return [job, (await this.#remote.request('jobs.get', { id: job })).job.progress ?? undefined];
    } catch (error) {
      // A run whose job is not there any more is shown all the same.
      if (isCanceled(error) || toLakesideError(error).category !== 'validation') throw error;
      return [job, undefined];
    }
  }

  #wantThumbnails(): void {
    const { runs = [], images } = this.state.getSnapshot();
    const shown = runs.flatMap(({ id }) => (images.get(id) ?? []).slice(0, SHOWN_IMAGES));
    this.thumbnails.want(
      shown.map(({ id }) => id),
      256,
    );
  }
}
