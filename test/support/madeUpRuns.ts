import type { Run, RunImage, WorkItem } from '../../src/protocol/studioValues.ts';

/** Runs and images for panels, as the engine would tell of them. */

export const NOW = new Date(2026, 10, 21, 14, 30).getTime();

export const madeUpItem: WorkItem = {
  id: 'item-1',
  slug: 'poster',
  name: 'Poster',
  project: { id: 'project-1', slug: 'summer-menu', name: 'Summer menu' },
  brief: 'A poster for the summer menu: light, fresh, with room for a headline at the top.',
  draft: {
    prompt: 'A table by the sea with lemons and grilled fish, morning light',
    negative: 'text, watermark',
    count: 4,
    values: {},
  },
  createdBy: 'Maya',
  createdAt: NOW - 86_400_000,
  archived: false,
  runs: 3,
  images: 9,
  picked: 1,
};

export function madeUpRun(change: Partial<Run> & Pick<Run, 'id'>): Run {
  return {
    job: `job-${change.id}`,
    status: 'succeeded',
    item: { id: madeUpItem.id, slug: madeUpItem.slug, name: madeUpItem.name },
    project: madeUpItem.project,
    provider: 'ComfyUI',
    prompt: 'A table by the sea with lemons and grilled fish, morning light',
    count: 4,
    images: 4,
    unpicked: 4,
    createdBy: 'Maya',
    createdAt: NOW - 600_000,
    startedAt: NOW - 590_000,
    finishedAt: NOW - 572_000,
    ...change,
  };
}

/** @param n from 1 */
export function madeUpImage(run: string, n: number, change: Partial<RunImage> = {}): RunImage {
  return {
    id: `${run}-image-${n}`,
    run,
    item: madeUpItem.id,
    project: madeUpItem.project.id,
    path: `/images/summer-menu/poster/run-${run}/base-a-${n}.png`,
    stage: 'base',
    variant: 'a',
    n,
    mime: 'image/png',
    width: 768,
    height: 1024,
    bytes: 1_200_000,
    blake3: String(n % 10).repeat(64),
    seed: 421_337 + n,
    model: 'sd_xl_base_1.0.safetensors',
    rating: 0,
    pick: 'none',
    createdAt: NOW - 580_000 + n * 1_000,
    ...change,
  };
}

/** A picture of its own for every name: a horizon under a sun, in colours made of the name. */
export function madeUpPicture(name: string): { type: string; content: string } {
  let hue = 0;
  for (const letter of name) hue = (hue * 31 + letter.charCodeAt(0)) % 360;
  const colour = (turn: number, light: number): string => `hsl(${(hue + turn) % 360} 55% ${light}%)`;
  const content = [
    '<svg xmlns="http://www.w3.org/2000/svg" width="192" height="256" viewBox="0 0 192 256">',
    `<rect width="192" height="256" fill="${colour(0, 78)}"/>`,
    `<circle cx="${40 + (hue % 110)}" cy="${50 + (hue % 60)}" r="30" fill="${colour(40, 88)}"/>`,
    `<path d="M0 ${150 + (hue % 30)} Q60 ${110 + (hue % 50)} 120 160 T192 140 V256 H0 Z" fill="${colour(180, 42)}"/>`,
    `<path d="M0 205 Q80 180 192 215 V256 H0 Z" fill="${colour(200, 28)}"/>`,
    '</svg>',
  ].join('');
  return { type: 'image/svg+xml', content };
}
