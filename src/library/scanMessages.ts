import type { MessagePort } from 'node:worker_threads';

import type { ErrorShape } from '../base/errors.ts';
import type { Problem } from '../protocol/values.ts';

/** What engine and scan workers say to each other. Both come from one build, so nothing is parsed. */

/** A part of a root to walk. */
export interface ScanScope {
  /** `''`: the root. */
  readonly folder: string;
  /**
   * `'all'`: with all below. A list: only the folder itself, and those sub-folders that are not in the list, which are
   * the ones the index knows.
   */
  readonly known: 'all' | readonly string[];
}

export interface ScannedRoot {
  /** Absolute path of the root. */
  readonly rootPath: string;
  /** The marker to look for when something vanished; undefined for a root without one. */
  readonly markerFile: string | undefined;
}

export interface ScanRequest extends ScannedRoot {
  readonly type: 'scan';
  readonly ignore: readonly string[];
  readonly scopes: readonly ScanScope[];
  /** Whether batches carry `states`: where the index has rows to compare with. */
  readonly withStates: boolean;
  readonly filesABatch: number;
  /** Shared Int32Array, see CONTROL. */
  readonly control: Int32Array<SharedArrayBuffer>;
  /** Where the helpers listen; helper `i` has the slot `CONTROL.room + i`. */
  readonly helpers: readonly MessagePort[];
}

/** To another thread of the same scan: look at the files of the batches that come through `port`. */
export interface HelpRequest extends ScannedRoot {
  readonly type: 'help';
  readonly port: MessagePort;
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly withStates: boolean;
  /** Its slot in `control`. */
  readonly room: number;
}

/** From the walking thread to a helper: message number `order` of the scan is this one, to be sent by the helper. */
export interface HandedBatch {
  readonly order: number;
  readonly listed: ListedBatch;
}

/** Sent after `walked`: which of these are really not there? */
export interface ConfirmRequest {
  readonly type: 'confirm';
  readonly relpaths: readonly string[];
}

export type ToScanWorker = ScanRequest | HelpRequest | ConfirmRequest;

/** Files by their folders' listings, in the order of the index. */
export interface ListedBatch {
  /** Relpaths joined by `\0`: one string crosses threads many times faster than a thousand. `''`: none. */
  readonly relpaths: string;
  readonly problems: readonly Problem[];
  /** What the index keeps as it is: these paths and all below them. */
  readonly kept: readonly string[];
  /** Folders whose own rows the index keeps; of their sub-folders only `listed` were looked into. */
  readonly incomplete: readonly { readonly folder: string; readonly listed: readonly string[] }[];
}

/** The same with what the files are like; the three lists run in parallel. */
export interface ScanBatch extends ListedBatch {
  readonly sizes: Float64Array;
  readonly mtimes: Float64Array;
  /** The same two lists as text, `<size> <mtime>` joined by commas: what `FileStore.packed` says of rows that are the same. */
  readonly states?: string | undefined;
}

/** The story of a scan, told in this order by threads that do not wait for each other. */
export type WalkMessage =
  | ({ readonly type: 'batch' } & ScanBatch)
  /** A scope begins; the index's rows below these sub-folders are not looked at. */
  | { readonly type: 'begin'; readonly scope: ScanScope; readonly skipped: readonly string[] }
  | { readonly type: 'end' }
  | { readonly type: 'walked' };

export type FromScanWorker =
  /** `order` counts from 0 and is without gaps. */
  | { readonly type: 'walk'; readonly order: number; readonly message: WalkMessage }
  | { readonly type: 'absent'; readonly relpaths: readonly string[] }
  | { readonly type: 'failed'; readonly error: ErrorShape };

/** Slots of the shared control array. */
export const CONTROL = {
  /** 1: stop. */
  stop: 0,
  /** Batches the engine is done with. */
  consumed: 1,
  /** From here a slot for each helper: how many batches it can be handed now. */
  room: 2,
} as const;

/**
 * Small enough that threads which share a scan end at about the same time. Where each file is a question over a network,
 * a batch of a thousand takes seconds, and of a small root one thread would look at all.
 */
export const FILES_A_BATCH = { local: 1_000, network: 100 } as const;

/** Batches a helper holds at most: never idle between two of them, and done soon after the walk. */
export const HELPER_ROOM = 2;

/** Batches under way at most: bounds memory, and how far a walk runs ahead of the index. */
export const MAX_BATCHES_AHEAD = 16;
