import { mkdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { previewPng, safetensors } from './modelBytes.ts';
import { modelCategories } from './modelNames.ts';
import { type Random, seededRandom } from './random.ts';

/** How a file of Local relates to the Lake; `extra` is in the Lake only, `missing` in Local only. */
export type DemoState = 'equal' | 'missing' | 'extra' | 'different' | 'moved';

export interface DemoFile {
  /** POSIX path below its root. */
  readonly path: string;
  readonly bytes: Buffer;
  readonly mtimeMs: number;
}

export interface DemoPair {
  readonly state: DemoState;
  readonly local: DemoFile | undefined;
  readonly lake: DemoFile | undefined;
}

export interface DemoLibrary {
  readonly localRoot: string;
  readonly lakeRoot: string;
  /** Numbers of pairs, models and companions, by state seen from Local. */
  readonly counts: Readonly<Record<DemoState, number>>;
}

const firstDay = Date.UTC(2025, 0, 6, 9);
const hourMs = 3_600_000;

/** Plans the whole demo library; the same seed gives the same bytes and times. */
export function demoPairs(seed = 1): DemoPair[] {
  const random = seededRandom(seed);
  return modelCategories.flatMap(({ folder, architecture, weights, names }) =>
    names.flatMap((name) => {
      const state = demoState(random);
      const stem = `${folder}/${name}`;
      const movedStem = `${folder}/unsorted/${name}`;
      const size = random.between(...weights);
      const mtimeMs = firstDay + random.between(0, 8_000) * hourMs;
      const metadata = modelMetadata(architecture, path.posix.basename(name));
      const bytes = safetensors(random, metadata, size);
      const files: [suffix: string, content: Buffer][] = [['.safetensors', bytes]];
      if (random.next() < 0.25) files.push(['.preview.png', previewPng(random)]);
      if (random.next() < 0.2) files.push(['.civitai.info', civitaiInfo(random, name)]);
      return files.map(([suffix, content], index): DemoPair => {
        const local: DemoFile = { path: stem + suffix, bytes: content, mtimeMs };
        // A companion of a changed model is the same in both roots; the other states take it along.
        if (state === 'different' && index > 0) return { state: 'equal', local, lake: local };
        switch (state) {
          case 'equal':
            return { state, local, lake: local };
          case 'missing':
            return { state, local, lake: undefined };
          case 'extra':
            return { state, local: undefined, lake: local };
          case 'moved':
            return { state, local, lake: { ...local, path: movedStem + suffix } };
          case 'different': {
            const newer = safetensors(random, { ...metadata, ss_epoch: '12' }, size + 64);
            return { state, local: { ...local, bytes: newer, mtimeMs: mtimeMs + 48 * hourMs }, lake: local };
          }
        }
      });
    }),
  );
}

/** Writes a demo library to `<dir>/local` and `<dir>/lake`. */
export async function makeDemoLibrary(dir: string, seed = 1): Promise<DemoLibrary> {
  const [localRoot, lakeRoot] = [path.join(dir, 'local'), path.join(dir, 'lake')];
  const counts: Record<DemoState, number> = { equal: 0, missing: 0, extra: 0, different: 0, moved: 0 };
  for (const { state, local, lake } of demoPairs(seed)) {
    counts[state] += 1;
    if (local !== undefined) await writeDemoFile(localRoot, local);
    if (lake !== undefined) await writeDemoFile(lakeRoot, lake);
  }
  return { localRoot, lakeRoot, counts };
}

async function writeDemoFile(root: string, { path: relpath, bytes, mtimeMs }: DemoFile): Promise<void> {
  const file = path.join(root, ...relpath.split('/'));
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, bytes);
  await utimes(file, mtimeMs / 1000, mtimeMs / 1000);
}

/** Two thirds equal, as in a library that is mirrored now and then. */
function demoState(random: Random): DemoState {
  const share = random.next();
  if (share < 0.66) return 'equal';
  if (share < 0.8) return 'missing';
  if (share < 0.9) return 'extra';
  return share < 0.95 ? 'different' : 'moved';
}

function modelMetadata(architecture: string, title: string): Record<string, string> {
  return {
    format: 'pt',
    'modelspec.sai_model_spec': '1.0.0',
    'modelspec.architecture': architecture,
    'modelspec.title': title,
    'modelspec.resolution': '1024x1024',
  };
}

function civitaiInfo(random: Random, name: string): Buffer {
  const id = random.between(100_000, 999_999);
  const title = path.posix.basename(name);
  const info = { id, modelId: Math.floor(id / 3), name: 'v1.0', baseModel: 'SDXL 1.0', trainedWords: [title] };
  return Buffer.from(`${JSON.stringify({ ...info, model: { name: title, type: 'LORA', nsfw: false } }, null, 2)}\n`);
}
