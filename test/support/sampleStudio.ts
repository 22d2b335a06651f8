import type { Brand, GenerationData, Project, Run, RunImage, WorkItem } from '../../src/protocol/studioValues.ts';

/** Things of the studio with plausible fields; a test names only those it is about. */
const MADE_AT = 1_700_000_000_000;
const made = { createdBy: 'Ada', createdAt: MADE_AT, archived: false };

export function sampleBrand(fields: Partial<Brand> = {}): Brand {
  return { id: 'brand-1', slug: 'cafe', name: 'Café', voice: '', projects: 2, ...made, ...fields };
}

export function sampleProject(fields: Partial<Project> = {}): Project {
  return {
    id: 'project-1',
    slug: 'summer-menu',
    name: 'Summer menu',
    brand: { id: 'brand-1', slug: 'cafe', name: 'Café' },
    storage: { kind: 'default' },
    imagesFolder: '/data/images',
    currency: 'USD',
    items: 3,
    images: 40,
    ...made,
    ...fields,
  };
}

export function sampleItem(fields: Partial<WorkItem> = {}): WorkItem {
  return {
    id: 'item-1',
    slug: 'poster',
    name: 'Poster',
    project: { id: 'project-1', slug: 'summer-menu', name: 'Summer menu' },
    brief: '',
    draft: {},
    runs: 2,
    images: 12,
    picked: 0,
    ...made,
    ...fields,
  };
}

export function sampleRun(fields: Partial<Run> = {}): Run {
  return {
    id: 'run-1',
    job: 'job-1',
    status: 'succeeded',
    item: { id: 'item-1', slug: 'poster', name: 'Poster' },
    project: { id: 'project-1', slug: 'summer-menu', name: 'Summer menu' },
    provider: 'draft',
    prompt: 'a cup of coffee',
    count: 4,
    images: 4,
    unpicked: 4,
    createdBy: 'Ada',
    createdAt: MADE_AT,
    startedAt: MADE_AT + 1_000,
    finishedAt: MADE_AT + 9_000,
    ...fields,
  };
}

export function sampleImage(fields: Partial<RunImage> = {}): RunImage {
  return {
    id: 'image-1',
    run: 'run-1',
    item: 'item-1',
    project: 'project-1',
    path: '/data/images/summer-menu/poster/run-1/image-a-1.png',
    stage: 'image',
    variant: 'a',
    n: 1,
    mime: 'image/png',
    width: 1024,
    height: 768,
    bytes: 1_500_000,
    blake3: '0'.repeat(64),
    seed: 42,
    model: '',
    rating: 0,
    pick: 'none',
    createdAt: MADE_AT,
    ...fields,
  };
}

export function sampleGenerationData(fields: Partial<GenerationData> = {}): GenerationData {
  return { source: 'comfyui', width: 512, height: 512, format: 'png', bytes: 300_000, ...fields };
}
