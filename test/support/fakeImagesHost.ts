import { type Disposable, DisposableStore } from '../../src/base/disposables.ts';
import { LakesideError } from '../../src/base/errors.ts';
import { Emitter } from '../../src/base/events.ts';
import type { Channel } from '../../src/protocol/channel.ts';
import { panelViewContract } from '../../src/protocol/panels/panelParts.ts';
import {
  type GalleryScope,
  imagesPanelContract,
  type ImagesPanelContract,
} from '../../src/protocol/panels/imagesPanel.ts';
import { connect, type Handlers } from '../../src/protocol/rpc.ts';
import type { Pick, Run, RunImage, RunSnapshot } from '../../src/protocol/studioValues.ts';
import type { DrawnPicture } from './drawnPictures.ts';
import type { ServedFile } from './panelPage.ts';

export interface FakeImagesHostOptions {
  readonly count: number;
  readonly pictures: readonly DrawnPicture[];
  readonly scope?: GalleryScope;
  readonly path?: string[];
  readonly prompt?: string;
}

const NOW = 1_760_000_000_000;
const EXTENSIONS: Readonly<Record<string, string>> = { full: 'image/webp', '256': 'image/webp', '512': 'image/webp' };

/** The host of a gallery over made-up images: `image-1` is the oldest. */
export class FakeImagesHost {
  /** What was asked: `gallery.reveal {"image":…}`. Thumbnails and pages have lists of their own. */
  readonly asked: string[] = [];
  /** Images asked for in each request of thumbnails. */
  readonly thumbnailRequests: string[][] = [];
  readonly pageRequests: number[] = [];
  readonly uris = { loaded: 0 };
  /** Requests that fail now, by name. */
  readonly failing = new Map<string, LakesideError>();
  /** Images without a thumbnail, and why. */
  readonly broken = new Map<string, LakesideError>();
  /** Images whose file is gone. */
  readonly missing = new Set<string>();
  readonly #options: FakeImagesHostOptions;
  readonly #judged = new Map<number, { pick: Pick; rating: number }>();
  readonly #events = new Emitter<{ name: 'changed' } | { name: 'scope'; scope: GalleryScope }>();
  #count: number;
  #scope: GalleryScope;
  #shown: { key: string; numbers: number[] } | undefined;
  #held: Promise<void> | undefined;

  constructor(options: FakeImagesHostOptions) {
    this.#options = options;
    this.#count = options.count;
    this.#scope = options.scope ?? {};
  }

  readonly serve = (channel: Channel, complain: (error: LakesideError) => void): Disposable => {
    const owned = new DisposableStore();
    const peer = owned.add(
      connect({
        channel,
        local: imagesPanelContract,
        handlers: this.#handlers,
        remote: panelViewContract,
        onProtocolError: complain,
      }),
    );
    owned.add(
      this.#events.event((event) => {
        if (event.name === 'scope') peer.emit('scope', event.scope);
        else peer.emit('changed', { topics: ['images'] });
      }),
    );
    return owned;
  };

  /** Files the page loads: `/picture/<image>/<size>`. */
  readonly file = (url: string): ServedFile | undefined => {
    const [, image = '', size = ''] = /^\/picture\/([\w-]+)\/(\w+)$/.exec(url) ?? [];
    const type = EXTENSIONS[size];
    if (type === undefined || this.missing.has(image)) return undefined;
    const content = this.#picture(numberOf(image)).files.get(size);
    this.uris.loaded++;
    return content === undefined ? undefined : { type, content };
  };

  /** Holds back all thumbnails until the returned function is called. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#held = promise;
    return () => {
      this.#held = undefined;
      resolve(undefined);
    };
  }

  /** A run has made so many more images. */
  add(count: number): void {
    this.#count += count;
    this.#change();
  }

  show(scope: GalleryScope): void {
    this.#scope = scope;
    this.#events.fire({ name: 'scope', scope });
  }

  judged(image: string): { pick: Pick; rating: number } {
    return this.#judged.get(numberOf(image)) ?? { pick: 'none', rating: 0 };
  }

  /** Judges as another window would. */
  judge(images: readonly string[], change: { pick?: Pick | undefined; rating?: number | undefined }): void {
    for (const image of images) {
      const before = this.judged(image);
      this.#judged.set(numberOf(image), { pick: change.pick ?? before.pick, rating: change.rating ?? before.rating });
    }
    this.#change();
  }

  readonly #handlers: Handlers<ImagesPanelContract> = {
    'gallery.scope': () => this.#checked('gallery.scope', () => this.#scope),
    'images.page': ({ picks, minRating, offset, limit }) =>
      this.#checked('images.page', () => {
        this.pageRequests.push(offset);
        const numbers = this.#filtered(picks, minRating);
        return {
          total: numbers.length,
          images: numbers.slice(offset, offset + limit).map((number) => this.#image(number)),
        };
      }),
    'images.scope': () =>
      this.#checked('images.scope', () => ({
        path: this.#options.path ?? ['Summer menu', 'Poster'],
        total: this.#count,
        picked: this.#filtered(['picked'], 0).length,
        rejected: this.#filtered(['rejected'], 0).length,
      })),
    'images.get': ({ id }) => this.#checked('images.get', () => this.#details(id)),
    'images.judge': ({ images, pick, rating }) =>
      this.#checked('images.judge', () => {
        const before = images.map((id) => ({ id, ...this.judged(id) }));
        this.asked.push(`judge ${images.length} ${JSON.stringify({ pick, rating })}`);
        this.judge(images, { pick, rating });
        return { images: images.map((id) => this.#image(numberOf(id))), before };
      }),
    'runs.again': () => {
      throw new LakesideError('NOT_FAKED', 'unknown', 'The fake host has no runs.again.');
    },
    'gallery.thumbnails': async ({ images, size }) => {
      this.thumbnailRequests.push(images);
      await this.#held;
      return this.#checked('gallery.thumbnails', () => ({
        thumbnails: images.map((id) => {
          const error = this.broken.get(id)?.toShape();
          return error === undefined ? { id, uri: `/picture/${id}/${size}` } : { id, error };
        }),
      }));
    },
    'gallery.image': ({ image }) =>
      this.#checked('gallery.image', () => ({ id: image, uri: `/picture/${image}/full` })),
    'gallery.reveal': this.#note('gallery.reveal'),
    'gallery.open': this.#note('gallery.open'),
    'gallery.again': this.#note('gallery.again'),
    'panel.copyText': this.#note('panel.copyText'),
    'panel.showJob': this.#note('panel.showJob'),
  };

  #note(name: string): (input: unknown) => null {
    return (input) =>
      this.#checked(name, () => {
        this.asked.push(`${name} ${JSON.stringify(input)}`);
        return null;
      });
  }

  #checked<T>(name: string, answer: () => T): T {
    const error = this.failing.get(name);
    if (error !== undefined) throw error;
    return answer();
  }

  #change(): void {
    this.#shown = undefined;
    this.#events.fire({ name: 'changed' });
  }

  #filtered(picks: readonly Pick[] | undefined, minRating: number): number[] {
    const key = JSON.stringify([picks, minRating]);
    if (this.#shown?.key === key) return this.#shown.numbers;
    const numbers: number[] = [];
    for (let number = this.#count; number > 0; number--) {
      const { pick, rating } = this.#judged.get(number) ?? { pick: 'none', rating: 0 };
      if ((picks?.includes(pick) ?? true) && rating >= minRating) numbers.push(number);
    }
    if (picks === undefined) this.#shown = { key, numbers };
    return numbers;
  }

  #picture(number: number): DrawnPicture {
    const picture = this.#options.pictures[number % this.#options.pictures.length];
    if (picture === undefined) throw new Error('There are no pictures.');
    return picture;
  }

  #image(number: number): RunImage {
    const { width, height } = this.#picture(number);
    const run = Math.ceil(number / 4);
    return {
      id: `image-${number}`,
      run: `run-${run}`,
      item: 'item-1',
      project: 'project-1',
      path: `/images/summer-menu/poster/run-${run}/main-1-${((number - 1) % 4) + 1}.png`,
      stage: 'main',
      variant: '1',
      n: ((number - 1) % 4) + 1,
      mime: 'image/png',
      width,
      height,
      bytes: 1_400_000 + number * 37,
      blake3: String(number).padStart(64, '0'),
      seed: 4_000_000_000 + number,
      model: 'dreamshaper_8.safetensors',
      createdAt: NOW + number * 1_000,
      ...this.judged(`image-${number}`),
    };
  }

  #details(id: string): { image: RunImage; run: Run; snapshot: RunSnapshot } {
    const image = this.#image(numberOf(id));
    const prompt = this.#options.prompt ?? PROMPT;
    const [item, project, brand] = [
      { id: 'item-1', slug: 'poster', name: 'Poster' },
      { id: 'project-1', slug: 'summer-menu', name: 'Summer menu' },
      { id: 'brand-1', slug: 'harbour', name: 'Harbour café' },
    ];
    return {
      image,
      run: {
        id: image.run,
        job: 'job-1',
        status: 'succeeded',
        item,
        project,
        provider: 'ComfyUI',
        prompt,
        count: 4,
        images: 4,
        unpicked: 4,
        createdBy: 'Mara',
        createdAt: NOW,
        startedAt: NOW,
        finishedAt: NOW + 42_000,
      },
      snapshot: {
        run: image.run,
        item,
        project,
        brand,
        user: { id: 'user-1', name: 'Mara' },
        provider: { name: 'ComfyUI', kind: 'comfyui' },
        workflow: { id: 'sd15', name: 'Text to image (SD 1.5)', graph: {}, bindings: [] },
        merged: { prompt, negative: 'blurry, watermark', parts: [] },
        generation: {
          provider: 'ComfyUI',
          prompt,
          negative: '',
          seed: image.seed,
          count: 4,
          values: { steps: 28, cfg: 6.5, sampler: 'dpmpp_2m', width: image.width, height: image.height },
        },
        folder: '/images/summer-menu/poster',
      },
    };
  }
}

const PROMPT =
  'A harbour at dawn seen from the terrace of a small café, long soft shadows, mist over the hills, ' +
  'screen-printed poster, four flat colours, generous empty sky for lettering';

function numberOf(image: string): number {
  return Number(image.slice('image-'.length));
}
