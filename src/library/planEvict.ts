import type { EvictRules, PlanItem } from '../protocol/planFile.ts';
import type { FileState } from '../protocol/values.ts';
import { modelParts } from './companions.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** A file that another root is known to hold with the same content. */
export interface KeptFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly mtimeMs: number;
  /** Its name in the other root, where that is another. */
  readonly fromPath?: string | undefined;
  /** When it was last read, where somebody has looked. */
  readonly lastUsedMs?: number | undefined;
}

/** Whether size and age of a file let it go. */
export function mayGo({ size, mtimeMs }: KeptFile, rules: EvictRules, nowMs: number): boolean {
  const { minSize = 0, olderThanDays = 0 } = rules;
  return size >= Math.max(1, minSize) && nowMs - mtimeMs >= olderThanDays * DAY_MS;
}

/** Whether it was unused for so long; what is not known counts as used. */
export function isUnused({ lastUsedMs = Infinity }: KeptFile, rules: EvictRules, nowMs: number): boolean {
  return rules.unusedForDays === undefined || nowMs - lastUsedMs >= rules.unusedForDays * DAY_MS;
}

/** Whether the rules ask when files were last read. */
export function asksForUse({ unusedForDays, order }: EvictRules): boolean {
  return unusedForDays !== undefined || order === 'unused';
}

/** The order in which files go: by the rule, then by path. */
export function evictionOrder(rules: EvictRules): (left: KeptFile, right: KeptFile) => number {
  const rank = {
    largest: (file: KeptFile) => -file.size,
    oldest: (file: KeptFile) => file.mtimeMs,
    unused: (file: KeptFile) => file.lastUsedMs ?? Number.MAX_SAFE_INTEGER,
  }[rules.order];
  return (left, right) => rank(left) - rank(right) || (left.path < right.path ? -1 : 1);
}

/** How many models of a stem the root holds, and which of their companions are kept elsewhere, too. */
export interface StemFiles {
  models: number;
  readonly companions: KeptFile[];
}

/** Takes files out one by one until enough is free; the companions of models go with the last model of their stem. */
export class Evictions {
  readonly files: KeptFile[] = [];
  freed = 0;
  readonly #wanted: number;
  readonly #stems: ReadonlyMap<string, StemFiles>;
  readonly #left = new Map<string, number>();

  /** @param wanted bytes; Infinity: all */
  constructor(wanted: number, stems: ReadonlyMap<string, StemFiles>) {
    this.#wanted = wanted;
    this.#stems = stems;
  }

  isEnough(): boolean {
    return this.freed >= this.#wanted;
  }

  take(file: KeptFile): void {
    this.#add(file);
    const stem = modelParts(file.path)?.stem;
    const family = stem === undefined ? undefined : this.#stems.get(stem);
    if (stem === undefined || family === undefined) return;
    const left = (this.#left.get(stem) ?? family.models) - 1;
    this.#left.set(stem, left);
    if (left === 0) for (const companion of family.companions) this.#add(companion);
  }

  #add(file: KeptFile): void {
    this.files.push(file);
    this.freed += file.size;
  }
}

/**
 * The step that removes a file because another root holds it; undefined where the index no longer says so.
 * @param mine the file that goes; @param theirs the one that stays
 */
export function evictItem(
  { path, fromPath }: KeptFile,
  mine: FileState | undefined,
  theirs: FileState | undefined,
): PlanItem | undefined {
  if (mine?.blake3 === undefined || theirs === undefined) return undefined;
  if (theirs.blake3 !== mine.blake3 || theirs.size !== mine.size) return undefined;
  return {
    op: 'delete',
    path,
    ...(fromPath === undefined || fromPath === path ? {} : { fromPath }),
    expect: { from: theirs, to: mine },
  };
}
