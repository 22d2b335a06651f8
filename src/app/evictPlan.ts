import { LakesideError } from '../base/errors.ts';
import { formatBytes, formatQuantity } from '../base/format.ts';
import { compareRelpaths } from '../base/relpath.ts';
import { rootTitle } from '../base/rootTitle.ts';
import { companionParts } from '../library/companions.ts';
import { requireComparable } from '../library/diff.ts';
import { modelsOfStem } from '../library/modelsInIndex.ts';
import {
  asksForUse,
  evictionOrder,
  Evictions,
  evictItem,
  isUnused,
  type KeptFile,
  mayGo,
  type StemFiles,
} from '../library/planEvict.ts';
import type { EvictRules, PlanItem } from '../protocol/planFile.ts';
import type { FileState } from '../protocol/values.ts';
import type { RootRow } from '../store/rootStore.ts';
import type { Core } from './core.ts';
import { selectionIn } from './diffOf.ts';
import type { Implementations } from './implementations.ts';
import { leftOut, makePlan, requireAbsolute } from './makePlan.ts';
import { requireRoot } from './requireRoot.ts';

/** Files that an I/O thread looks at for one message. */
const FILES_A_LOOK = 500;

/** The plan that frees space on a root by removing what another one holds. */
export function evictUseCases(core: Core): Pick<Implementations, 'plans.evict'> {
  const { store } = core;
  return {
    'plans.evict': async ({ root: name, keptBy, rules, select, out }, { signal }) => {
      const root = requireRoot(core, name);
      if (out !== undefined) requireAbsolute(out);
      await core.mounts.require(root);
      const notes: string[] = [];
      const keeper = keptBy === undefined ? chooseKeeper(core, root, notes) : requireRoot(core, keptBy);
      requireComparable(keeper, root);
      const selected = select === undefined ? undefined : selectionIn(core, [root], select);
      const kept = store.keptFiles.of(root.key, keeper.key).filter((file) => selected?.(file) ?? true);
      const { files, stems } = apartFromCompanions(core, root, kept);
      const { chosen, problems } = await choose(core, root, { files, stems, rules, notes, signal });
      const { onProblem, told } = leftOut(core);
      for (const problem of problems) onProblem(problem);
      const options = { ...(select === undefined ? {} : { select }), evict: rules };
      const made = await makePlan(core, {
        kind: 'evict',
        from: keeper,
        to: root,
        options,
        items: itemsOf(core, keeper, root, chosen),
        out,
      });
      return { ...made, ...told(), notes };
    },
  };
}

/** The root that holds most of the files is taken, and named. */
function chooseKeeper(core: Core, root: RootRow, notes: string[]): RootRow {
  const { store } = core;
  const others = store.roots.list().filter(({ key, scannedAt }) => key !== root.key && scannedAt !== null);
  const held = store.keptFiles.bytesBy(
    root.key,
    others.map(({ key }) => key),
  );
  const best = held.reduce<(typeof held)[number] | undefined>(
    (most, next) => (next.bytes > (most?.bytes ?? 0) ? next : most),
    undefined,
  );
  const keeper = others.find(({ key }) => key === best?.keeperKey);
  if (keeper === undefined || best === undefined) {
    throw nothingKept(core, root, others);
  }
  if (others.length > 1) {
    notes.push(`${rootTitle(keeper.name)} holds most of it (${formatBytes(best.bytes)}), and is relied on.`);
  }
  return keeper;
}

/** Says why nothing may go: hashing is advised only where it can help. */
function nothingKept({ store: { files } }: Core, root: RootRow, others: readonly RootRow[]): LakesideError {
  const title = rootTitle(root.name);
  const held = files.totals(root.key);
  const elsewhere = others.map(({ key }) => files.totals(key));
  const reason =
    held.files === 0
      ? `${title} holds no file, as far as the index knows. Scan it, or name another root.`
      : elsewhere.every((totals) => totals.files === 0)
        ? `No other root holds a file, as far as the index knows. Add and scan the one that holds the files of ${title}.`
        : held.unhashed > 0 || elsewhere.some(({ unhashed }) => unhashed > 0)
          ? `No other root is known to hold anything of ${title}: only hashes tell. Hash both, then try again.`
          : `No other root holds a whole copy of anything of ${title}, so nothing may go. Copy it first.`;
  return new LakesideError('NOTHING_KEPT_ELSEWHERE', 'validation', reason, { context: { root: root.name } });
}

/** Companions of a model go with it, and only so. */
function apartFromCompanions(
  { store }: Core,
  root: RootRow,
  kept: readonly KeptFile[],
): { files: KeptFile[]; stems: Map<string, StemFiles> } {
  const files: KeptFile[] = [];
  const stems = new Map<string, StemFiles>();
  for (const file of kept) {
    const family = companionParts(file.path)
      .map(({ stem }) => ({ stem, models: modelsOfStem(store.files, root.key, stem).length }))
      .find(({ models }) => models > 0);
    if (family === undefined) files.push(file);
    else {
      const known = stems.get(family.stem) ?? { models: family.models, companions: [] };
      known.companions.push(file);
      stems.set(family.stem, known);
    }
  }
  return { files, stems };
}

interface Choice {
  readonly files: readonly KeptFile[];
  readonly stems: ReadonlyMap<string, StemFiles>;
  readonly rules: EvictRules;
  readonly notes: string[];
  readonly signal: AbortSignal;
}

async function choose(
  core: Core,
  root: RootRow,
  { files, stems, rules, notes, signal }: Choice,
): Promise<{ chosen: readonly KeptFile[]; problems: { path: string; code: string; message: string }[] }> {
  const now = core.clock.now();
  const lookAt = (relpaths: readonly string[]): ReturnType<typeof core.transfers.run<'usage'>> =>
    core.transfers.run('usage', { root: root.path, relpaths }, { signal, repeatable: true });
  const { freeBytes, notesReads } = await lookAt([]);
  if (asksForUse(rules) && !notesReads) throw noUseNoted(root);
  const wanted = rules.freeBytes === undefined ? Infinity : rules.freeBytes - freeBytes;
  const evictions = new Evictions(wanted, stems);
  const problems: { path: string; code: string; message: string }[] = [];
  let linked = 0;
  let used = 0;

  /** The files that are still as the index knows them. */
  const fresh = async (portion: readonly KeptFile[]): Promise<KeptFile[]> => {
    const { files: found } = await lookAt(portion.map(({ path }) => path));
    return portion.flatMap((file, index) => {
      const usage = found[index] ?? null;
      if (usage?.size !== file.size || Math.abs(usage.mtimeMs - file.mtimeMs) > root.mtimeStepMs) {
        const message = `${file.path} in ${rootTitle(root.name)} is not as it was scanned, and stays. Scan again to have it planned.`;
        problems.push({ path: file.path, code: 'FILE_CHANGED', message });
        return [];
      }
      if (usage.links > 1) linked++;
      if (usage.usedSinceWritten) used++;
      return usage.links > 1 ? [] : [{ ...file, lastUsedMs: usage.lastUsedMs }];
    });
  };

  let candidates = files.filter((file) => mayGo(file, rules, now));
  if (rules.order === 'unused') candidates = await inPortions(candidates, fresh);
  candidates.sort(evictionOrder(rules));
  for (let start = 0; start < candidates.length; start += FILES_A_LOOK) {
    if (evictions.isEnough()) break;
    const portion = candidates.slice(start, start + FILES_A_LOOK);
    for (const file of rules.order === 'unused' ? portion : await fresh(portion)) {
      if (evictions.isEnough()) break;
      if (isUnused(file, rules, now)) evictions.take(file);
    }
  }

  if (wanted <= 0) notes.push(`${formatBytes(freeBytes)} are free on ${rootTitle(root.name)} already.`);
  else if (!evictions.isEnough() && wanted !== Infinity) {
    notes.push(
      `With all that may go, ${formatBytes(freeBytes + evictions.freed)} would be free on ${rootTitle(root.name)}, not ${formatBytes(rules.freeBytes ?? 0)}.`,
    );
  }
  if (linked > 0) {
    notes.push(
      `${formatQuantity(linked, 'file')} with several names (hard links) stay: removing one name frees nothing.`,
    );
  }
  if (asksForUse(rules) && used === 0 && evictions.files.length > 0) {
    notes.push('Of none of these files a read is noted since it came here: perhaps this disk does not note reads.');
  }
  return { chosen: evictions.files, problems };
}

async function inPortions(
  files: readonly KeptFile[],
  work: (portion: readonly KeptFile[]) => Promise<KeptFile[]>,
): Promise<KeptFile[]> {
  const done: KeptFile[] = [];
  for (let start = 0; start < files.length; start += FILES_A_LOOK) {
    for (const file of await work(files.slice(start, start + FILES_A_LOOK))) done.push(file);
  }
  return done;
}

/** Sorted by path; what the index no longer says to be the same in both is left out. */
function* itemsOf({ store }: Core, keeper: RootRow, root: RootRow, chosen: readonly KeptFile[]): Generator<PlanItem> {
  const state = (rootKey: number, path: string): FileState | undefined => {
    const row = store.files.get(rootKey, path);
    if (row === undefined) return undefined;
    const { size, mtimeMs, blake3 } = row;
    return { size, mtimeMs, ...(blake3 === null ? {} : { blake3: blake3.toString('hex') }) };
  };
  for (const file of chosen.toSorted((left, right) => compareRelpaths(left.path, right.path))) {
    const item = evictItem(file, state(root.key, file.path), state(keeper.key, file.fromPath ?? file.path));
    if (item !== undefined) yield item;
  }
}

function noUseNoted(root: RootRow): LakesideError {
  return new LakesideError(
    'LAST_USE_NOT_NOTED',
    'validation',
    `The disk of ${rootTitle(root.name)} does not note when files are read (it is mounted with noatime), so nobody knows what is unused. Choose by size or age instead.`,
    { context: { root: root.name } },
  );
}
