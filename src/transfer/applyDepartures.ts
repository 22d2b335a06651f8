import type { ExpectedFile } from '../protocol/planFile.ts';
import type { ApplyRun } from './applyRun.ts';
import type { Keeper } from '../store/keeperStore.ts';

/** A file of the target that a step removes or replaces. */
export interface Removal {
  readonly path: string;
  readonly expected: ExpectedFile;
  readonly lastCopy: boolean;
}

/** By path, who keeps the content of what goes; null: nobody has to. */
export type Keepers = ReadonlyMap<string, readonly Keeper[] | null>;

/**
 * Runs work that takes files away. With the trash turned off they are lost, so who else keeps their content is found out
 * first: a file whose hash is not known is hashed for that.
 */
export async function withKeepers<T>(
  run: ApplyRun,
  removals: readonly Removal[],
  work: (keepers: Keepers) => Promise<T>,
): Promise<T> {
  const { steps, trashEnabled, to } = run.options;
  if (trashEnabled || !to.allowDelete || removals.length === 0) return work(new Map());
  const known = removals.map(({ path, expected, lastCopy }) => ({
    path,
    lastCopy,
    size: expected.size,
    blake3: expected.blake3 ?? steps.knownHash('to', path, expected.size, expected.mtimeMs),
  }));
  const unknown = known.filter(({ blake3, lastCopy, size }) => blake3 === undefined && !lastCopy && size > 0);
  const hashes = await run.run('hashes', { files: unknown }, () => []);
  const hashed = new Map(unknown.map(({ path }, index) => [path, hashes[index] ?? undefined]));
  const keepers = await steps.depart(
    known.map(({ path, lastCopy, blake3 }) => ({ path, lastCopy, blake3: blake3 ?? hashed.get(path) })),
  );
  try {
    return await work(keepers);
  } finally {
    await steps.settleDepartures(removals.map(({ path }) => path));
  }
}
