import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

import { readTextIfPresent } from '../../base/atomicFile.ts';
import { storeFile } from '../../base/binaryFile.ts';
import { errnoOf, fileError } from '../../base/errors.ts';
import { pickSchema, rating, runSnapshotSchema, seed } from '../../protocol/studioValues.ts';
import { byteCount, contentHash, id, timeMs } from '../../protocol/values.ts';

/** What lies beside each image as `NAME.png.json`: all that is needed to make its row again, and the rows above it. */
export const sidecarSchema = z.object({
  format: z.literal('lakeside-image'),
  version: z.literal(1),
  image: z.object({
    id,
    part: z.int(),
    n: z.int(),
    /** How many images the part has. */
    of: z.int(),
    stage: z.string(),
    variant: z.string(),
    file: z.string(),
    mime: z.string(),
    width: z.int(),
    height: z.int(),
    bytes: byteCount,
    blake3: contentHash,
    seed,
    model: z.string(),
    rating,
    pick: pickSchema,
    createdAt: timeMs,
  }),
  /** What the provider knew the part by. */
  submission: z.string(),
  run: z.object({ id, job: id, createdAt: timeMs }),
  snapshot: runSnapshotSchema,
});
export type Sidecar = z.infer<typeof sidecarSchema>;
export type SidecarImage = Sidecar['image'];

export function sidecarPath(imagePath: string): string {
  return `${imagePath}.json`;
}

/** What the file of a sidecar holds. */
export function sidecarBytes(sidecar: Sidecar): Buffer {
  return Buffer.from(`${JSON.stringify(sidecar, undefined, 1)}\n`);
}

/** Replaces the sidecar of an image. @throws LakesideError by errno */
export async function writeSidecar(imagePath: string, sidecar: Sidecar): Promise<void> {
  await storeFile(sidecarPath(imagePath), sidecarBytes(sidecar));
}

/** The sidecar of an image; undefined where there is none that we understand. */
export function readSidecar(imagePath: string): Sidecar | undefined {
  const text = readTextIfPresent(sidecarPath(imagePath));
  if (text === undefined) return undefined;
  try {
    return sidecarSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // Not JSON: somebody else's, or damaged.
  }
}

/**
 * The images of a part that were written before whoever wrote them could note it.
 * @returns undefined unless all of them are there, of this submission
 */
export async function writtenImages(
  folder: string,
  part: number,
  submission: string,
): Promise<SidecarImage[] | undefined> {
  const sidecars = (await namesIn(folder))
    .filter((name) => name.endsWith('.json') && name.includes(`-${part}-`))
    .map((name) => name.slice(0, -'.json'.length))
    // A copy of a sidecar under another name is none, and none leads out of the folder.
    .map((name) => ({ name, sidecar: readSidecar(join(folder, name)) }))
    .filter(({ name, sidecar }) => sidecar?.submission === submission && sidecar.image.file === name)
    .filter(({ sidecar }) => sidecar?.image.part === part);
  const images = sidecars.flatMap(({ sidecar }) => sidecar?.image ?? []).sort((a, b) => a.n - b.n);
  const isWhole = images.length > 0 && images.every(({ n, of }, index) => n === index + 1 && of === images.length);
  return isWhole ? images : undefined;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw fileError('read', folder, error);
  }
}
