import path from 'node:path';

import { createEngine, type Engine } from '../../src/engine.ts';
import type { Generation, RunImage } from '../../src/protocol/studioValues.ts';

/** A program of one's own, as the demo's settings name it: `painter/paint.mjs`. */
export const DEMO_COMMANDS = [
  {
    name: 'painter',
    argv: [
      process.execPath,
      path.join(import.meta.dirname, 'painter', 'paint.mjs'),
      ...['--prompt', '{prompt}', '--seed', '{seed}', '--width', '{width}', '--height', '{height}'],
      ...['--output', '{output}'],
    ],
    timeLimitSeconds: 60,
  },
];

interface DemoItem {
  readonly name: string;
  readonly brief: string;
  readonly instructions?: string;
  readonly runs: readonly (Pick<Generation, 'provider' | 'prompt' | 'count'> & Partial<Generation>)[];
}

const LANDSCAPE = { width: 768, height: 512 };
const SQUARE = { width: 512, height: 512 };
const PORTRAIT = { width: 512, height: 768 };

/** A small studio with work behind it: a brand, a finished project and one that has just begun. */
const BRAND = {
  name: 'Northlight Coffee',
  voice: 'warm morning light, honest materials, unhurried',
  instructions: 'negative: text, watermark\npalette: cream, copper, slate',
};
const PROJECTS: readonly { readonly name: string; readonly items: readonly DemoItem[] }[] = [
  {
    name: 'Summer menu',
    items: [
      {
        name: 'Poster',
        brief: 'The poster beside the door: the hills the beans come from, early, before anyone is up.',
        instructions: 'palette: dawn colours',
        runs: [
          { provider: 'draft', prompt: 'misty hills at dawn, poster', count: 4, seed: 11, values: PORTRAIT },
          { provider: 'painter', prompt: 'misty hills at dawn, poster', count: 4, seed: 21, values: PORTRAIT },
          { provider: 'painter', prompt: 'misty hills at dawn, low sun, wide', count: 6, seed: 40, values: LANDSCAPE },
        ],
      },
      {
        name: 'Table card',
        brief: 'A small card for each table. Calm; leaves room for words on the left.',
        runs: [
          { provider: 'painter', prompt: 'quiet valley, room on the left', count: 6, seed: 70, values: LANDSCAPE },
        ],
      },
      {
        name: 'Cold brew label',
        brief: 'Square, to be read from two metres.',
        runs: [
          { provider: 'draft', prompt: 'cold brew label, one hill, one sun', count: 3, seed: 5, values: SQUARE },
          { provider: 'painter', prompt: 'one hill, one sun', count: 4, seed: 90, values: SQUARE },
        ],
      },
    ],
  },
  {
    name: 'Autumn launch',
    items: [{ name: 'Window display', brief: 'Three panels that belong together. Not begun yet.', runs: [] }],
  },
];

/** How the images of a finished work item were judged, by their place. */
const JUDGEMENTS: readonly { readonly rating?: number; readonly pick?: RunImage['pick'] }[] = [
  { rating: 4, pick: 'picked' },
  { pick: 'rejected' },
  { rating: 3 },
  { rating: 5, pick: 'picked' },
];

/**
 * Makes the demo's studio in a data dir, on the spot, as a person would: by the use cases.
 * @returns how many images there are
 * @throws Error when a run did not succeed
 */
export async function makeDemoStudio(dataDir: string): Promise<number> {
  const engine = await createEngine({ dataDir, version: 'demo', runQueue: true, watch: false });
  // The core's own timers do not keep a process alive.
  const keepAlive = setInterval(() => undefined, 60_000);
  try {
    await engine.call('engine.configure', { settings: { 'studio.commands': DEMO_COMMANDS }, trusted: true });
    await engine.call('users.add', { name: 'Robin', switch: true });
    const { brand } = await engine.call('brands.add', { name: BRAND.name, voice: BRAND.voice });
    await engine.call('instructions.set', { scope: 'brand', id: brand.id, text: BRAND.instructions });
    let images = 0;
    for (const { name, items } of PROJECTS) {
      const { project } = await engine.call('projects.add', { name, brand: brand.id });
      for (const item of items) images += await makeItem(engine, project.id, item);
    }
    return images;
  } finally {
    clearInterval(keepAlive);
    await engine.close();
  }
}

async function makeItem(engine: Engine, project: string, demo: DemoItem): Promise<number> {
  const { item } = await engine.call('items.add', { project, name: demo.name, brief: demo.brief });
  if (demo.instructions !== undefined) {
    await engine.call('instructions.set', { scope: 'item', id: item.id, text: demo.instructions });
  }
  for (const generation of demo.runs) {
    const { job } = await engine.call('runs.generate', { item: item.id, generation });
    await succeeded(engine, job);
    // With its seed, Generate would make the very same images again.
    const { seed: _, ...draft } = generation;
    await engine.call('items.update', { id: item.id, draft });
  }
  const { images, total } = await engine.call('images.page', { item: item.id });
  for (const [place, judgement] of JUDGEMENTS.entries()) {
    const image = images[place * 2];
    if (image !== undefined) await engine.call('images.judge', { images: [image.id], ...judgement });
  }
  return total;
}

async function succeeded(engine: Engine, id: string): Promise<void> {
  for (;;) {
    const { over, jobs } = await engine.call('jobs.wait', { ids: [id] });
    const [job] = jobs;
    if (!over) continue;
    if (job?.status === 'succeeded') return;
    throw new Error(`${job?.title ?? 'A run'} did not succeed: ${job?.error?.message ?? 'it is gone'}`);
  }
}
