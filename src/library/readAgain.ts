import type { Problem } from '../protocol/values.ts';
import type { KnownHash } from '../store/fileStore.ts';
import type { RootRow } from '../store/rootStore.ts';
import type { Hold } from './hold.ts';
import type { IoPool } from './ioPool.ts';
import type { HashOutcome } from './ioTasks.ts';
import { absolutePath } from './pathRules.ts';

/** What reading a file again showed. */
export type Verdict =
  | { readonly is: 'well' }
  /** It has another size or time than the index says: a scan takes it in. */
  | { readonly is: 'changed' }
  | { readonly is: 'unreadable'; readonly problem: Problem }
  | { readonly is: 'rotten'; readonly found: Buffer; readonly problem: Problem };

export interface ReadAgainOptions {
  readonly root: RootRow;
  readonly files: readonly KnownHash[];
  readonly pool: IoPool;
  readonly hold: Hold;
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
}

const GONE = new Set(['ENOENT', 'ENOTDIR']);

/** Reads files again and compares each with its hash, twice where the first time it differs. */
export async function readAgain(options: ReadAgainOptions): Promise<Verdict[]> {
  const { root, files, pool, hold, signal, onBytes } = options;
  const paths = files.map((file) => absolutePath(root.path, file.relpath));
  const run = (some: readonly string[], told?: (bytes: number) => void): Promise<readonly HashOutcome[]> =>
    pool.run('hash', { paths: some }, { signal, hold, repeatable: true, onBytes: told });
  const outcomes = await run(paths, onBytes);
  const verdicts: Verdict[] = [];
  for (const [index, file] of files.entries()) {
    const path = paths[index] ?? '';
    const first = verdictOf(file, path, outcomes[index]);
    if (first.is !== 'rotten') {
      verdicts.push(first);
      continue;
    }
    // A cable, a controller or a memory chip can be at fault, too: then it is not the same wrong content twice.
    const [outcome] = await run([path]);
    const second = verdictOf(file, path, outcome);
    const steady = second.is === 'rotten' && second.found.equals(first.found);
    verdicts.push(steady || second.is === 'changed' ? second : { is: 'unreadable', problem: unsteady(file, path) });
  }
  return verdicts;
}

function verdictOf(file: KnownHash, path: string, outcome: HashOutcome | undefined): Verdict {
  const { relpath } = file;
  if (outcome === undefined) {
    return { is: 'unreadable', problem: { path: relpath, code: 'INTERNAL', message: `${path} was not read.` } };
  }
  if ('error' in outcome) {
    const { code, message } = outcome.error;
    return { is: 'unreadable', problem: { path: relpath, code: GONE.has(code) ? 'FILE_GONE' : code, message } };
  }
  const { size, mtimeMs } = outcome.file;
  if (size !== file.size || mtimeMs !== file.mtimeMs) return { is: 'changed' };
  const found = Buffer.from(outcome.file.blake3);
  if (found.equals(file.blake3)) return { is: 'well' };
  const hashes = `BLAKE3 expected ${file.blake3.toString('hex')}, found ${found.toString('hex')}`;
  const message = `${path} is damaged: its size and time are those it was hashed with, its content is not (${hashes}). Keep it until a good copy is in its place.`;
  return { is: 'rotten', found, problem: { path: relpath, code: 'BIT_ROT', message } };
}

function unsteady({ relpath }: KnownHash, path: string): Problem {
  const message = `${path} does not read the same each time. Check the drive, its cable or network, and the memory of this machine.`;
  return { path: relpath, code: 'READ_UNSTEADY', message };
}
