import { formatBytes, formatQuantity } from '../../src/base/format.ts';
import { rootTitle } from '../../src/base/rootTitle.ts';
import type { PlanRow } from '../../src/protocol/contracts/plans.ts';
import type { EvictRules, PlanHeader, Selection } from '../../src/protocol/planFile.ts';

/** What each kind of plan says of itself. */

type Kind = PlanHeader['kind'];

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

export function planTitle({ kind, from, to }: PlanHeader): PlanTitle {
  if (kind === 'evict') return { lead: `Free space on ${rootTitle(to.root)}` };
  const sign = kind === 'both' ? '⇄' : '→';
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
  if (op === 'copy') return (direction === 'reverse' ? expect.from : expect.to) === null ? 'copy' : 'replace';
  if (op === 'move') return trashed === undefined ? 'move' : 'restore';
  // Of an evict plan: the other root holds it.
  return expect.from === null ? 'delete' : 'remove';
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

/** Which side of a conflict stays, or that nobody said so yet. */
export type KeptSide = 'from' | 'to' | 'none';

/** The two roots of a plan both ways, by the names people read. */
export interface TwoSides {
  readonly from: string;
  readonly to: string;
}

export function twoSides({ kind, from, to }: PlanHeader): TwoSides | undefined {
  return kind === 'both' ? { from: rootTitle(from.root), to: rootTitle(to.root) } : undefined;
}

/** Which of two differing files stays, in a plan both ways; undefined where only one side has the file. */
export function keptSide(row: Pick<PlanRow, 'op' | 'expect' | 'direction'>): KeptSide | undefined {
  if (row.op !== 'copy' || row.expect.from === null || row.expect.to === null) return undefined;
  if (row.direction === 'undecided') return 'none';
  return row.direction === 'reverse' ? 'to' : 'from';
}

/** The newer of two files, where their times tell. */
export function newerSide({ expect: { from, to } }: Pick<PlanRow, 'expect'>): 'from' | 'to' | undefined {
  if (from === null || to === null || from.mtimeMs === to.mtimeMs) return undefined;
  return from.mtimeMs > to.mtimeMs ? 'from' : 'to';
}
