import { baseName } from '../base/relpath.ts';
import type { DiffItem, FileState } from '../protocol/values.ts';

/** Paths to hash in each root. */
export interface MoveCandidates {
  readonly from: string[];
  readonly to: string[];
}

/**
 * What must be hashed to find the files that moved without hashing all: files without a hash that only one root has under
 * their path, where the other alone has one of the same non-zero size and the same name in another folder.
 */
export function moveCandidates(diff: Iterable<DiffItem>): MoveCandidates {
  const missing = new Map<string, DiffItem[]>();
  const extra = new Map<string, DiffItem[]>();
  for (const item of diff) {
    const file = item.state === 'missing' ? item.from : item.state === 'extra' ? item.to : undefined;
    if (file === undefined || file.size === 0) continue;
    const groups = item.state === 'missing' ? missing : extra;
    const name = `${file.size} ${baseName(item.path)}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [item]);
    else group.push(item);
  }
  const candidates: MoveCandidates = { from: [], to: [] };
  for (const [name, comes] of missing) {
    const goes = extra.get(name);
    if (goes === undefined) continue;
    candidates.from.push(...unhashed(comes, ({ from }) => from));
    candidates.to.push(...unhashed(goes, ({ to }) => to));
  }
  return candidates;
}

function unhashed(items: readonly DiffItem[], file: (item: DiffItem) => FileState | undefined): string[] {
  return items.filter((item) => file(item)?.blake3 === undefined).map(({ path }) => path);
}
