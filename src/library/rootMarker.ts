import { join } from 'node:path';
import * as z from 'zod';

import { writeFileAtomic } from '../base/atomicFile.ts';
import { fileError, LakesideError } from '../base/errors.ts';
import { PRIVATE_FOLDER } from '../base/relpath.ts';
import { readSmallTextNow } from '../base/smallText.ts';

/** What `<root>/.lakeside/root.json` says: which root the folder is, wherever it is mounted. */
const rootMarkerSchema = z.object({
  /** A random UUID. */
  id: z.uuid().toLowerCase(),
  /** The name it was first added by; other machines may call it otherwise. */
  name: z.string().min(1).max(256),
  /** Milliseconds since 1970. */
  created: z.int(),
});
export type RootMarker = z.infer<typeof rootMarkerSchema>;

/** Bytes; a marker has about a hundred. */
export const MOST_MARKER_BYTES = 64 * 1024;

export function rootMarkerFile(rootPath: string): string {
  return join(rootPath, PRIVATE_FOLDER, 'root.json');
}

/**
 * Reads the marker of a folder.
 * @returns the marker, or undefined where there is none
 * @throws LakesideError ROOT_MARKER_DAMAGED, or what the system said
 */
export function readRootMarker(rootPath: string): RootMarker | undefined {
  const file = rootMarkerFile(rootPath);
  let text: string | undefined;
  try {
    text = readSmallTextNow(file, MOST_MARKER_BYTES);
  } catch (error) {
    throw fileError('read', file, error);
  }
  return text === undefined ? undefined : parseRootMarker(rootPath, text);
}

/** Throws ROOT_MARKER_DAMAGED for anything that is not a marker. Fields of later versions are let be. */
export function parseRootMarker(rootPath: string, text: string): RootMarker {
  const parsed = rootMarkerSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new LakesideError(
    'ROOT_MARKER_DAMAGED',
    'infra',
    `The marker ${rootMarkerFile(rootPath)} is damaged, so Lakeside cannot tell which root this is. Restore it from a backup, or add the folder again with a new id.`,
    { context: { path: rootPath } },
  );
}

/** Writes a marker; the file is whole or not there. Throws a LakesideError when the folder cannot be written. */
export function writeRootMarker(rootPath: string, marker: RootMarker): void {
  writeFileAtomic(rootMarkerFile(rootPath), `${JSON.stringify(marker, undefined, 2)}\n`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the schema says so as well as any other damage.
    return undefined;
  }
}

const STORE_ONLY_PREFIX = 'readonly-';

/** Id of a read-only folder that could not be given a marker: only this database knows it. */
export function storeOnlyRootId(uuid: string): string {
  return STORE_ONLY_PREFIX + uuid;
}

export function isStoreOnlyRoot(id: string): boolean {
  return id.startsWith(STORE_ONLY_PREFIX);
}
