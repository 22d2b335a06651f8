import * as z from 'zod';

import { type CopyKey, copyKey } from './transferPaths.ts';

/**
 * What is known to be in a partial. Format, version 1, UTF-8, one `<root>/.lakeside/partials/<key>.<generation>.journal` for
 * each holder:
 *
 *     {"format":"lakeside-journal","version":1,"path":…,"chunkBytes":…,"source":{…},"holder":{…},"plan":…}
 *     <BLAKE3 of the first chunk, 64 hexadecimal digits>
 *     <BLAKE3 of the first two chunks>
 *     …
 *     released
 *
 * Each line holds the hash of everything from the beginning of the file to the end of its chunk, which the hash of the
 * whole file passes through anyway. It is written only after that chunk was flushed. `released` says that nobody writes
 * there any more. A torn last line does not count.
 */
export const JOURNAL_CHUNK_BYTES = 16 * 1024 * 1024;

const bytes = z.int().min(0);
const headerSchema = z.object({
  format: z.literal('lakeside-journal'),
  version: z.literal(1),
  /** Relpath of the target. */
  path: z.string().min(1),
  chunkBytes: bytes.min(1),
  source: z.object({
    /** Id of the root it lies in. */
    root: z.string(),
    size: bytes,
    mtimeMs: z.int(),
    /** When its content, name or attributes last changed: nobody can set that. */
    changedMs: z.int(),
  }),
  holder: z.object({ host: z.string(), pid: z.int(), start: z.string(), run: z.string() }),
  /** 8 digits of the seal of the plan that copies. */
  plan: z.string(),
});
export type JournalHeader = z.infer<typeof headerSchema>;
/** Who writes a partial: host, process, when that process started, and which run of an apply. */
export type PartialHolder = JournalHeader['holder'];

export interface Journal {
  readonly header: JournalHeader;
  /** Of the first chunk, the first two, and so on. */
  readonly hashes: readonly string[];
  readonly released: boolean;
}

const HASH_LINE = /^[0-9a-f]{64}$/;
export const HASH_LINE_BYTES = 65;
export const RELEASED_LINE = 'released\n';

export function formatJournal(header: JournalHeader, hashes: readonly string[]): string {
  return [JSON.stringify(header), ...hashes, ''].join('\n');
}

/** Undefined for what is no journal of this version; lines behind the first that is none do not count. */
export function parseJournal(text: string): Journal | undefined {
  // Without its line break the last line may be torn.
  const [first, ...lines] = text.split('\n').slice(0, -1);
  const header = headerSchema.safeParse(parseJson(first ?? ''));
  if (!header.success) return undefined;
  const end = lines.findIndex((line) => !HASH_LINE.test(line));
  const hashes = end < 0 ? lines : lines.slice(0, end);
  const most = Math.floor(header.data.source.size / header.data.chunkBytes);
  return {
    header: header.data,
    hashes: hashes.slice(0, most),
    released: lines.at(-1) === RELEASED_LINE.trimEnd(),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON is no journal, which the schema says as well.
    return undefined;
  }
}

const JOURNAL_NAME = /^([0-9a-f]{8})([0-9a-f]{8})\.(\d{1,9})\.journal$/;

/** Whoever goes on with a partial makes the next generation of its journal, so that two can never both. */
export function journalName(key: CopyKey, generation: number): string {
  return `${key.place}${key.state}.${generation}.journal`;
}

export function parseJournalName(name: string): { readonly key: CopyKey; readonly generation: number } | undefined {
  const match = JOURNAL_NAME.exec(name);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { key: { place: match[1], state: match[2] }, generation: Number(match[3]) };
}

/** Whether a journal is one of this key: its name alone proves nothing, anybody may write into a shared root. */
export function isJournalOf(journal: Journal, key: CopyKey): boolean {
  const { path, source } = journal.header;
  const { place, state } = copyKey(path, source);
  return place === key.place && state === key.state;
}
