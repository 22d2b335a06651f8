import { fileError, isCanceled } from '../base/errors.ts';
import { PRIVATE_FOLDER } from '../base/relpath.ts';
import type { TaskContext } from '../library/hashFile.ts';
import { listAside, settleAbandoned, settleAside } from './asideFiles.ts';
import { copyItems, type CopyOutcome } from './copyItems.ts';
import { type CopyItem, leftOf } from './copyStep.ts';
import { hashWholeFile } from './copyFile.ts';
import type { DeleteItem } from './deleteStep.ts';
import type { EvictItem } from './evictStep.ts';
import { diskFiles, type FileLayer } from './fileLayer.ts';
import type { MoveItem } from './moveStep.ts';
import { type PreparedFolder, prepareFolder } from './prepareFolder.ts';
import { Pacer } from './pacer.ts';
import { lookAtRoots, requireRoots, type RootSights } from './rootSight.ts';
import type { IndexChange, StepOutcome } from './stepOutcome.ts';
import { matches } from './stepProblem.ts';
import { type MoveOutcomes, runDelete, runEvict, runMoves } from './stepTasks.ts';
import { discardPartials, tidyJournals } from './resumablePartial.ts';
import { PARTIALS_FOLDER } from './transferPaths.ts';
import {
  listTrashed,
  listTrashFolders,
  type PurgeItem,
  purgeTrashed,
  restoreTrashed,
  type TrashedFile,
  type TrashItem,
  type TrashOutcome,
} from './trashTasks.ts';
import { takeTrashed } from './trashedChanges.ts';
import { openWorkplace, type TransferPlace, type Workplace } from './transferPlace.ts';

/** What an apply wants to know before its first step. */
export interface Survey {
  readonly sights: RootSights;
  readonly aside: readonly string[];
  /** Whether the target takes names that differ only in case for one. */
  readonly foldsCase: boolean;
  /** Whether one flush puts all that was written on the target's device. */
  readonly flushesAll: boolean;
  /** Bytes. */
  readonly freeBytes: number;
  readonly changes: readonly IndexChange[];
}

/** Every kind of work that a transfer gives to a worker thread: what goes in, and what comes back. Structured clones. */
export interface TransferTasks {
  survey: { readonly input: null; readonly output: Survey };
  prepare: { readonly input: { readonly folder: string }; readonly output: PreparedFolder };
  /** Bytes of those copies whose target is not there yet with the right size and time. */
  needed: { readonly input: { readonly items: readonly CopyItem[] }; readonly output: number };
  copy: { readonly input: { readonly items: readonly CopyItem[] }; readonly output: readonly CopyOutcome[] };
  move: {
    readonly input: { readonly items: readonly MoveItem[]; readonly lifted: readonly string[] };
    readonly output: MoveOutcomes;
  };
  delete: {
    /** `top`: folders above it stay, even empty. */
    readonly input: { readonly items: readonly DeleteItem[]; readonly top?: string };
    readonly output: readonly StepOutcome[];
  };
  evict: { readonly input: { readonly items: readonly EvictItem[] }; readonly output: readonly StepOutcome[] };
  /** Removes the folders above these paths that are empty. */
  tidy: { readonly input: { readonly paths: readonly string[] }; readonly output: null };
  /** `kept`: lifted files that wait for their new place. */
  settle: { readonly input: { readonly kept: readonly string[] }; readonly output: readonly IndexChange[] };
  /** Removes the partials that this plan could be gone on with. */
  discard: { readonly input: null; readonly output: null };
  /** Hashes of files of the target, hexadecimal; null where a file is not as large, or cannot be read. */
  hashes: {
    readonly input: { readonly files: readonly { readonly path: string; readonly size: number }[] };
    readonly output: readonly (string | null)[];
  };
  /** The folders in the trash, and when each was begun. */
  trashFolders: {
    readonly input: null;
    readonly output: readonly { readonly name: string; readonly startedAtMs: number }[];
  };
  /** All that lies in one of them. */
  trashed: { readonly input: { readonly folder: string }; readonly output: readonly TrashedFile[] };
  restore: { readonly input: { readonly items: readonly TrashItem[] }; readonly output: readonly TrashOutcome[] };
  purge: { readonly input: { readonly items: readonly PurgeItem[] }; readonly output: readonly TrashOutcome[] };
}
export type TransferKind = keyof TransferTasks;
export type TransferInput<K extends TransferKind> = TransferTasks[K]['input'];
export type TransferOutput<K extends TransferKind> = TransferTasks[K]['output'];

type TransferHandlers = {
  readonly [K in TransferKind]: (work: Workplace, input: TransferInput<K>, control: TaskContext) => TransferOutput<K>;
};

const HANDLERS: TransferHandlers = {
  survey,
  prepare: (work, { folder }) => prepareFolder(work, folder),
  needed: (work, { items }) => items.reduce((bytes, item) => bytes + neededBytes(work, item), 0),
  copy: (work, { items }, control) => copyItems(work, items, control),
  move: runMoves,
  delete: (work, { items, top }, control) => items.map((item) => runDelete(work, item, top, control)),
  evict: (work, { items }, control) => items.map((item) => runEvict(work, item, control)),
  tidy(work, { paths }) {
    for (const path of paths) work.to.removeEmptyAbove(path);
    return null;
  },
  settle(work, { kept }) {
    const settled = settleAside(work, new Set(kept));
    work.to.removeIfEmpty(PARTIALS_FOLDER);
    return [...takeTrashed(work), ...settled];
  },
  discard(work) {
    discardPartials(work);
    return null;
  },
  hashes: (work, { files }, control) => files.map(({ path, size }) => hashOf(work, path, size, control)),
  trashFolders: (work) => listTrashFolders(work),
  trashed: (work, { folder }, control) => listTrashed(work, folder, control),
  restore: (work, { items }, control) => items.map((item) => restoreTrashed(work, item, control)),
  purge: (work, { items }, control) => items.map((item) => purgeTrashed(work, item, control)),
};

/** A task as it is sent to a worker thread. */
export interface TransferRequest<K extends TransferKind = TransferKind> {
  readonly kind: K;
  readonly place: TransferPlace;
  readonly input: TransferInput<K>;
  /** The memory of the process's pacer. */
  readonly bandwidth?: SharedArrayBuffer | undefined;
}

export interface TransferAnswer<K extends TransferKind = TransferKind> {
  readonly kind: K;
  readonly output: TransferOutput<K>;
}

/**
 * Runs one task in this thread, which it blocks. What a task renamed is durable when it returns: folders are flushed once
 * a task. Steps that end badly are outcomes; it throws only what concerns the whole task.
 */
export function runTransferTask<K extends TransferKind>(
  { kind, place, input, bandwidth }: TransferRequest<K>,
  control: TaskContext,
  disk: FileLayer = diskFiles,
): TransferAnswer<K> {
  try {
    const { flushAll } = control;
    const files = flushAll === undefined ? disk : { ...disk, flushAll };
    const work = openWorkplace(files, place, bandwidth === undefined ? undefined : new Pacer(bandwidth));
    requireRoots(files, place);
    const output = HANDLERS[kind](work, input, control);
    work.to.flush();
    return { kind, output };
  } catch (error) {
    throw fileError('work in', pathOf(error) ?? place.toRoot, error);
  }
}

/** The file that the system speaks of. */
function pathOf(error: unknown): string | undefined {
  return error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : undefined;
}

function survey(work: Workplace): Survey {
  const { files, to, place } = work;
  to.requirePrivateFolder();
  const sights = lookAtRoots(files, place);
  const settled = settleAbandoned(work);
  tidyJournals(work);
  return {
    sights,
    aside: listAside(work),
    foldsCase: to.lstat(PRIVATE_FOLDER.toUpperCase()) !== undefined,
    flushesAll: !place.network.to && files.flushesAll(place.toRoot),
    freeBytes: files.freeBytes(place.toRoot),
    changes: [...takeTrashed(work), ...settled],
  };
}

function hashOf(work: Workplace, path: string, size: number, control: TaskContext): string | null {
  try {
    return hashWholeFile(work.files, work.to.path(path), size, control)?.blake3 ?? null;
  } catch (error) {
    if (isCanceled(error)) throw error;
    return null;
  }
}

function neededBytes(work: Workplace, item: CopyItem): number {
  const stepMs = Math.max(work.place.fromStepMs, work.place.toStepMs) + 1;
  return matches(work.to.lstat(item.path), item.from, stepMs) ? 0 : item.from.size - leftOf(work, item);
}
