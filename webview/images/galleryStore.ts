import type * as z from 'zod';

import type { Clock } from '../../src/base/clock.ts';
import { type Disposable, DisposableStore } from '../../src/base/disposables.ts';
import { isCanceled, LakesideError, toLakesideError } from '../../src/base/errors.ts';

import type { imagesGet, imagesScope } from '../../src/protocol/contracts/images.ts';
import type { GalleryScope, ImagesPanelContract } from '../../src/protocol/panels/imagesPanel.ts';
import type { Remote } from '../../src/protocol/rpc.ts';
import type { RunImage } from '../../src/protocol/studioValues.ts';
import { ObservableState } from '../shared/observableState.ts';
import { PagedRows } from '../shared/pagedRows.ts';
import { Refresher } from '../shared/refresher.ts';
import { Thumbnails } from '../shared/thumbnails.ts';
import { type GalleryFilter, type Judged, type Judgement, judgementsBack, judgementWords } from './galleryModel.ts';
import { isMarked, markCount, type Marks } from './marks.ts';

export type GalleryRemote = Remote<ImagesPanelContract>;
export type GalleryCounts = z.output<typeof imagesScope.output>;
export type ImageDetails = z.output<typeof imagesGet.output>;

export interface GalleryState {
  /** undefined until the host has said it. */
  readonly scope: GalleryScope | undefined;
  /** Rises each time the host asks for a scope, also for the one that is shown. */
  readonly asked: number;
  readonly counts: GalleryCounts | undefined;
  /** Why the gallery could not be opened. */
  readonly openError: LakesideError | undefined;
  /** What the person asked for last and was refused. */
  readonly actionError: LakesideError | undefined;
  /** What was done last; gone after a moment. */
  readonly notice: { readonly text: string; readonly canUndo: boolean } | undefined;
  /** A judgement of many images is on its way. */
  readonly busy: string | undefined;
  /** Rises when what is known of single images may be out of date. */
  readonly revision: number;
}

/** What judging or undoing left behind: the view goes to where it happened. */
export interface Undone {
  readonly first: string;
}

const NOTICE_MS = 6_000;
const JUDGE_CHUNK = 500;
const ID_PAGE = 500;
const MAX_UNDO = 100;
/** Judging so many takes long enough to say so. */
const MANY = 1_000;
const MAX_URIS = 24;

const initialState: GalleryState = {
  scope: undefined,
  asked: 0,
  counts: undefined,
  openError: undefined,
  actionError: undefined,
  notice: undefined,
  busy: undefined,
  revision: 0,
};

/** What the gallery knows of its images, kept current by hints, and the judging of them with its undoing. */
export class GalleryStore implements Disposable {
  readonly rows = new PagedRows<RunImage>();
  readonly thumbnails: Thumbnails;
  readonly #remote: GalleryRemote;
  readonly #clock: Clock;
  readonly #owned = new DisposableStore();
  readonly #state = new ObservableState(initialState);
  readonly #refresher: Refresher;
  readonly #undo: { readonly before: Judged[]; readonly words: string }[] = [];
  readonly #uris = new Map<string, Promise<string>>();
  #filter: GalleryFilter | undefined;
  /** Judgements go one after the other, so that the last key pressed has the last word. */
  #chain: Promise<unknown> = Promise.resolve();
  #pending = 0;
  #noticeEnd: Disposable | undefined;

  readonly subscribe = this.#state.subscribe;
  readonly getSnapshot = this.#state.getSnapshot;

  /** @param kept what was shown before the panel was hidden: most likely what the host will say, so not waited for */
  constructor(remote: GalleryRemote, clock: Clock, kept?: GalleryScope) {
    this.#remote = remote;
    this.#clock = clock;
    this.#refresher = new Refresher(clock, () => this.#fetch());
    this.thumbnails = new Thumbnails(
      async (images, size, signal) =>
        (await remote.request('gallery.thumbnails', { images, size }, { signal })).thumbnails,
      clock,
    );
    for (const owned of [this.#state, this.rows, this.thumbnails, this.#refresher]) this.#owned.add(owned);
    this.#owned.add(
      remote.on('scope', (scope) => {
        this.#state.set({ asked: this.#state.getSnapshot().asked + 1 });
        this.#show(scope);
      }),
    );
    this.#owned.add(
      remote.on('changed', ({ topics }) => {
        if (topics.some((topic) => topic === 'images' || topic === 'runs' || topic === 'studio'))
          this.#refresher.soon();
      }),
    );
    if (kept !== undefined) this.#show(kept);
    this.open();
  }

  /** Asks the host what to show; again after a failure. */
  open(): void {
    this.#state.set({ openError: undefined });
    this.#remote.request('gallery.scope', {}).then(
      (scope) => this.#show(scope),
      (error: unknown) => this.#state.set({ openError: toLakesideError(error) }),
    );
  }

  show(filter: GalleryFilter): void {
    this.#filter = filter;
    this.#query();
  }

  /** Looks again at what is shown. */
  refresh(): void {
    void this.#refresher.now();
  }

  /**
   * Judges images; resolves when the engine has it, or has refused. The rows on screen change at once.
   * @param marks which: of those that scope and filter show
   */
  judge(marks: Marks, judgement: Judgement): Promise<void> {
    const count = markCount(marks, this.rows.getSnapshot().total ?? 0);
    if (count === 0) return Promise.resolve();
    const words = judgementWords(judgement, count);
    this.rows.patch((row) => (isMarked(marks, row.id) ? { ...row, ...judgement } : row));
    return this.#inTurn(async () => {
      if (count >= MANY) this.#state.set({ busy: `${words}…` });
      const ids = marks.all ? await this.#allIds(marks.except) : [...marks.ids];
      const before: Judged[] = [];
      try {
        for (const chunk of chunksOf(ids)) before.push(...(await this.#send(chunk, judgement)));
      } finally {
        // What was judged before a failure can be undone all the same.
        if (before.length > 0) this.#remember(before, words);
      }
      this.#say(words, true);
    });
  }

  /** Takes the last judgement back; resolves with where it was. */
  async undo(): Promise<Undone | undefined> {
    let undone: Undone | undefined;
    await this.#inTurn(async () => {
      const last = this.#undo.pop();
      const first = last?.before[0];
      if (last === undefined || first === undefined) {
        this.#say('Nothing to undo', false);
        return;
      }
      const back = new Map(last.before.map((each) => [each.id, each]));
      this.rows.patch((row) => ({ ...row, ...back.get(row.id) }));
      for (const { judgement, ids } of judgementsBack(last.before)) {
        for (const chunk of chunksOf(ids)) await this.#send(chunk, judgement);
      }
      this.#say(`Undone: ${last.words.charAt(0).toLowerCase()}${last.words.slice(1)}`, false);
      undone = { first: first.id };
    });
    return undone;
  }

  /** Ids of the images from `first` to `last`, as shown, both included; what was never on screen is fetched. */
  async idsBetween(first: number, last: number): Promise<string[]> {
    const ids: string[] = [];
    for (let index = first; index <= last;) {
      const row = this.rows.getSnapshot().rowAt(index);
      const found = row === undefined ? await this.#page(index, Math.min(ID_PAGE, last - index + 1)) : [row];
      if (found.length === 0) break;
      for (const { id } of found) ids.push(id);
      index += found.length;
    }
    return ids;
  }

  /** Where an image is in what is shown, among the newest few thousand; undefined when it is not there. */
  async placeOf(image: string): Promise<number | undefined> {
    for (let offset = 0; offset < 10 * ID_PAGE; offset += ID_PAGE) {
      const page = await this.#page(offset, ID_PAGE);
      const at = page.findIndex(({ id }) => id === image);
      if (at >= 0) return offset + at;
      if (page.length < ID_PAGE) return undefined;
    }
    return undefined;
  }

  details(id: string, signal: AbortSignal): Promise<ImageDetails> {
    return this.#remote.request('images.get', { id }, { signal });
  }

  /** Where to load the image itself from. A few are kept, so that the next one is there when it is gone to. */
  imageUri(image: string): Promise<string> {
    const kept = this.#uris.get(image);
    if (kept !== undefined) return kept;
    const uri = this.#remote.request('gallery.image', { image }).then((answer) => {
      if (answer.uri !== undefined) return answer.uri;
      if (answer.error !== undefined) throw LakesideError.fromShape(answer.error);
      throw new LakesideError('IMAGE_NOT_SHOWN', 'unknown', 'The image cannot be shown.');
    });
    this.#uris.set(image, uri);
    uri.catch(() => this.#uris.delete(image));
    for (const oldest of this.#uris.keys()) {
      if (this.#uris.size <= MAX_URIS) break;
      this.#uris.delete(oldest);
    }
    return uri;
  }

  /** Its URI did not load. */
  forgetUri(image: string): void {
    this.#uris.delete(image);
  }

  copyPrompt(image: string): void {
    this.ask(async (remote) => {
      const { snapshot } = await remote.request('images.get', { id: image });
      const text = snapshot.merged.prompt;
      await remote.request('panel.copyText', { text });
      this.#say(text === '' ? 'The prompt is empty' : 'Copied the prompt', false);
    });
  }

  copy(text: string, words: string): void {
    this.ask(async (remote) => {
      await remote.request('panel.copyText', { text });
      this.#say(words, false);
    });
  }

  /** Runs something of the person's asking; a refusal is shown until the next asking. */
  ask(request: (remote: GalleryRemote) => Promise<unknown>): void {
    void this.#attempt(() => request(this.#remote));
  }

  dismissError(): void {
    this.#state.set({ actionError: undefined });
  }

  dispose(): void {
    this.#noticeEnd?.dispose();
    this.#owned.dispose();
  }

  #show(scope: GalleryScope): void {
    const shown = this.#state.getSnapshot().scope;
    if (shown !== undefined && isSameScope(shown, scope)) return;
    this.#state.set({ scope, counts: undefined, openError: undefined, actionError: undefined });
    this.#query();
    void this.#refresher.now();
  }

  #query(): void {
    const { scope } = this.#state.getSnapshot();
    if (scope === undefined || this.#filter === undefined) return;
    const query = this.#pageQuery(scope, this.#filter);
    this.rows.query(async (offset, limit, signal) => {
      const { total, images } = await this.#remote.request('images.page', { ...query, offset, limit }, { signal });
      return { total, items: images };
    });
  }

  #pageQuery({ run, item, project }: GalleryScope, filter: GalleryFilter): PageQuery {
    const { picks, minRating } = filter;
    return { run, item, project, minRating, picks: picks.length === 0 ? undefined : [...picks] };
  }

  async #page(offset: number, limit: number): Promise<readonly RunImage[]> {
    const { scope } = this.#state.getSnapshot();
    if (scope === undefined || this.#filter === undefined) return [];
    const query = this.#pageQuery(scope, this.#filter);
    return (await this.#remote.request('images.page', { ...query, offset, limit })).images;
  }

  /** All ids first: judged images may leave the filter, and the pages behind them would shift. */
  async #allIds(except: ReadonlySet<string>): Promise<string[]> {
    const ids: string[] = [];
    for (let offset = 0; ; offset += ID_PAGE) {
      const page = await this.#page(offset, ID_PAGE);
      for (const { id } of page) if (!except.has(id)) ids.push(id);
      if (page.length < ID_PAGE) return ids;
    }
  }

  async #send(images: string[], judgement: Judgement): Promise<readonly Judged[]> {
    const { before } = await this.#remote.request(
      'images.judge',
      { images, ...judgement },
      { idempotencyKey: crypto.randomUUID() },
    );
    return before;
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#pending++;
    const done = this.#chain
      .then(() => this.#attempt(work))
      .then(() => {
        this.#pending--;
        if (this.#pending > 0) return;
        this.#state.set({ busy: undefined });
        void this.#refresher.now();
      });
    this.#chain = done;
    return done;
  }

  #remember(before: Judged[], words: string): void {
    this.#undo.push({ before, words });
    if (this.#undo.length > MAX_UNDO) this.#undo.shift();
  }

  #say(text: string, canUndo: boolean): void {
    this.#noticeEnd?.dispose();
    this.#state.set({ notice: { text, canUndo } });
    this.#noticeEnd = this.#clock.after(NOTICE_MS, () => this.#state.set({ notice: undefined }));
  }

  async #attempt(request: () => Promise<unknown>): Promise<void> {
    if (this.#state.getSnapshot().actionError !== undefined) this.#state.set({ actionError: undefined });
    try {
      await request();
    } catch (error) {
      if (!isCanceled(error)) this.#state.set({ actionError: toLakesideError(error) });
    }
  }

  async #fetch(): Promise<void> {
    const { scope } = this.#state.getSnapshot();
    // While a judgement is on its way the rows on screen know more than the engine; its end refreshes.
    if (scope === undefined || this.#pending > 0) return;
    this.rows.refresh();
    const { run, item, project } = scope;
    try {
      const counts = await this.#remote.request('images.scope', { run, item, project });
      if (this.#state.getSnapshot().scope !== scope) return;
      this.#state.set({ counts, revision: this.#state.getSnapshot().revision + 1 });
    } catch (error) {
      if (!isCanceled(error)) this.#state.set({ openError: toLakesideError(error) });
    }
  }
}

export function isSameScope(one: GalleryScope, other: GalleryScope): boolean {
  return one.run === other.run && one.item === other.item && one.project === other.project && one.image === other.image;
}

interface PageQuery {
  readonly run: string | undefined;
  readonly item: string | undefined;
  readonly project: string | undefined;
  readonly minRating: number;
  readonly picks: GalleryFilter['picks'][number][] | undefined;
}

function* chunksOf(ids: readonly string[]): Generator<string[]> {
  for (let first = 0; first < ids.length; first += JUDGE_CHUNK) yield ids.slice(first, first + JUDGE_CHUNK);
}
