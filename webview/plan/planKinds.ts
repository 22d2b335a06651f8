import { formatBytes, formatQuantity } from '../../src/base/format.ts';
import { rootTitle } from '../../src/base/rootTitle.ts';
import type { PlanRow } from '../../src/protocol/contracts/plans.ts';
import type { EvictRules, PlanHeader, Selection } from '../../src/protocol/planFile.ts';
import type { UseCaseOutput } from '../../src/protocol/useCases.ts';

/** What each kind of plan says of itself. */

type Kind = PlanHeader['kind'];
type PlanInfo = UseCaseOutput<'plans.info'>;

export interface PlanTitle {
  readonly lead: string;
  /** Between the two roots; absent where the lead says it all. */
  readonly ends?: { readonly from: string; readonly sign: '→' | '⇄'; readonly to: string };
}

const LEADS: Readonly<Record<Exclude<Kind, 'evict'>, string>> = {
  mirror: 'Mirror',
  copy: 'Copy',
  update: 'Update',
  both: 'Both ways:',
  undo: 'Undo:',
};

export function planTitle(info: Pick<PlanInfo, 'header' | 'sides'>): PlanTitle {
  const { kind, from, to } = info.header;
  if (kind === 'evict') return { lead: `Free space on ${rootTitle(to.root)}` };
  const sign = changesBoth(info) ? '⇄' : '→';
  return { lead: LEADS[kind], ends: { from: rootTitle(from.root), sign, to: rootTitle(to.root) } };
}

/** The plan's purpose, under its title. */
export function planPurpose({ header }: { readonly header: PlanHeader }): string {
  const [from, to] = [rootTitle(header.from.root), rootTitle(header.to.root)];
  const chosen = header.options.select === undefined ? '' : 'Of the chosen files, ';
  switch (header.kind) {
    case 'copy':
      return `The chosen files of ${from} will be in ${to} too.`;
    case 'mirror':
      return header.options.delete === true
        ? `${chosen}${to} will hold what ${from} holds, and nothing else.`
        : `${chosen}${to} will hold all that ${from} holds. Nothing is deleted.`;
    case 'update':
      return `${chosen}${to} will hold all that ${from} holds. Nothing is moved or deleted.`;
    case 'both':
      return `${chosen}${chosen === '' ? 'Both' : 'both'} will hold what either has. Where the two differ, you say which stays.`;
    case 'evict':
      return `Removes from ${to} what ${from} holds, verified. It does not go to the trash, which would free nothing; Undo copies it back.`;
    case 'undo':
      return `Puts back how things were before the apply, as far as that can be done.`;
  }
}

/** The options a plan was made with, each in a few words; none for a plan without. */
export function optionWords({ options }: Pick<PlanHeader, 'options'>): string[] {
  return [
    ...(options.evict === undefined ? [] : evictWords(options.evict)),
    ...(options.content === true ? ['compared by content'] : []),
    ...(options.select === undefined ? [] : selectionWords(options.select)),
  ];
}

const SHOWN_NAMES = 3;

function selectionWords({ folders = [], globs = [], minSize, maxSize }: Selection): string[] {
  return [
    ...(folders.length === 0 ? [] : [`only ${named(folders)}`]),
    ...(globs.length === 0 ? [] : [`only names like ${named(globs)}`]),
    ...(minSize === undefined ? [] : [`from ${formatBytes(minSize)}`]),
    ...(maxSize === undefined ? [] : [`up to ${formatBytes(maxSize)}`]),
  ];
}

const ORDER_WORDS: Readonly<Record<EvictRules['order'], string>> = {
  largest: 'the largest first',
  oldest: 'the oldest first',
  unused: 'the longest unused first',
};

function evictWords({ freeBytes, minSize, olderThanDays, unusedForDays, order }: EvictRules): string[] {
  return [
    ...(freeBytes === undefined ? [] : [`until ${formatBytes(freeBytes)} are free`]),
    ORDER_WORDS[order],
    ...(minSize === undefined ? [] : [`files from ${formatBytes(minSize)}`]),
    ...(olderThanDays === undefined ? [] : [`not changed for ${formatQuantity(olderThanDays, 'day')}`]),
    ...(unusedForDays === undefined ? [] : [`not used for ${formatQuantity(unusedForDays, 'day')}`]),
  ];
}

function named(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN_NAMES).join(', ');
  const more = names.length - SHOWN_NAMES;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/** What a plan with nothing in it means. */
export function nothingToDo({ kind, from, to }: PlanHeader): string {
  switch (kind) {
    case 'evict':
      return `${rootTitle(to.root)} holds nothing that these rules take and ${rootTitle(from.root)} holds verified.`;
    case 'undo':
      return 'There is nothing that could be taken back.';
    default:
      return 'Both roots hold the same. Nothing to do.';
  }
}

export type StepKind = 'copy' | 'replace' | 'move' | 'delete' | 'restore' | 'remove' | 'conflict';

export function stepKind(row: Pick<PlanRow, 'op' | 'expect' | 'direction' | 'trashed'>): StepKind {
  const { op, expect, direction, trashed } = row;
  if (direction === 'undecided') return 'conflict';
  const isReverse = direction === 'reverse';
  if (op === 'copy') return (isReverse ? expect.from : expect.to) === null ? 'copy' : 'replace';
  if (op === 'move') return trashed === undefined ? 'move' : 'restore';
  // Of an evict plan: the other root holds it.
  return (isReverse ? expect.to : expect.from) === null ? 'delete' : 'remove';
}

export const STEP_KIND_WORDS: Readonly<Record<StepKind, string>> = {
  copy: 'Copy',
  replace: 'Replace',
  move: 'Move',
  delete: 'Delete',
  restore: 'Restore',
  remove: 'Remove',
  conflict: 'Decide',
};

/** What a step of an operation does, in this kind of plan. */
export function opWord(op: PlanRow['op'], kind: Kind): string {
  if (op === 'copy') return kind === 'undo' ? 'Copy back' : 'Copy';
  if (op === 'move') return kind === 'undo' ? 'Move back' : 'Move';
  return kind === 'evict' ? 'Remove' : 'Delete';
}

/** The operations that a kind of plan may hold. */
export const OPS_OF: Readonly<Record<Kind, readonly PlanRow['op'][]>> = {
  mirror: ['copy', 'move', 'delete'],
  copy: ['copy', 'move'],
  update: ['copy'],
  both: ['copy'],
  evict: ['delete'],
  undo: ['copy', 'move', 'delete'],
};

/** The two roots of a plan that changes both, by the names people read. */
export interface TwoSides {
  readonly from: string;
  readonly to: string;
  /** Whether a person says which side of a conflict stays; what is undone has no conflicts. */
  readonly hasConflicts: boolean;
}

export function twoSides(info: Pick<PlanInfo, 'header' | 'sides'>): TwoSides | undefined {
  const { kind, from, to } = info.header;
  if (!changesBoth(info)) return undefined;
  return { from: rootTitle(from.root), to: rootTitle(to.root), hasConflicts: kind === 'both' };
}

/** A plan both ways, or one that takes such a plan back. */
export function changesBoth({ header, sides }: Pick<PlanInfo, 'header' | 'sides'>): boolean {
  return header.kind === 'both' || (sides?.from.steps ?? 0) > 0;
}

/** Where a moved file is, and where it will be; of a plan both ways the side whose name stays decides that. */
export function movedPath({ path, movedFrom, direction }: MovedRow): { readonly old: string; readonly now: string } {
  const other = movedFrom ?? path;
  return direction === 'reverse' ? { old: path, now: other } : { old: other, now: path };
}
type MovedRow = Pick<PlanRow, 'path' | 'movedFrom' | 'direction'>;

/** The name that each side has of a file. */
export function nameOn(side: 'from' | 'to', { path, movedFrom }: Pick<PlanRow, 'path' | 'movedFrom'>): string {
  return side === 'from' ? path : (movedFrom ?? path);
}

/** The root that a step changes. */
export function changedSide({ direction }: Pick<PlanRow, 'direction'>): 'from' | 'to' {
  return direction === 'reverse' ? 'from' : 'to';
}

/** The newer of two files, where their times tell. */
export function newerSide({ expect: { from, to } }: Pick<PlanRow, 'expect'>): 'from' | 'to' | undefined {
  if (from === null || to === null || from.mtimeMs === to.mtimeMs) return undefined;
  return from.mtimeMs > to.mtimeMs ? 'from' : 'to';
}
