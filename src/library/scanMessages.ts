import type { ErrorShape } from '../base/errors.ts';
import type { Problem } from '../protocol/values.ts';

/** What engine and scan worker say to each other. Both come from one build, so nothing is parsed. */

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

export interface ScanRequest {
  readonly type: 'scan';
  readonly rootPath: string;
  /** The marker to look for when something vanished; undefined for a root without one. */
  readonly markerFile: string | undefined;
  readonly ignore: readonly string[];
  readonly scopes: readonly ScanScope[];
  /** Shared Int32Array, see CONTROL. */
  readonly control: Int32Array<SharedArrayBuffer>;
}

/** Sent after `walked`: which of these are really not there? */
export interface ConfirmRequest {
  readonly type: 'confirm';
  readonly relpaths: readonly string[];
}

export type ToScanWorker = ScanRequest | ConfirmRequest;

/** Files in the order of the index; the three lists run in parallel. */
export interface ScanBatch {
  readonly type: 'batch';
  /** Relpaths joined by `\0`: one string crosses threads many times faster than a thousand. `''`: none. */
  readonly relpaths: string;
  readonly sizes: Float64Array;
  readonly mtimes: Float64Array;
  readonly problems: readonly Problem[];
  /** What the index keeps as it is: these paths and all below them. */
  readonly kept: readonly string[];
  /** Folders whose own rows the index keeps; of their sub-folders only `listed` were looked into. */
  readonly incomplete: readonly { readonly folder: string; readonly listed: readonly string[] }[];
}

export type FromScanWorker =
  | ScanBatch
  /** A scope begins; the index's rows below these sub-folders are not looked at. */
  | { readonly type: 'begin'; readonly scope: ScanScope; readonly skipped: readonly string[] }
  | { readonly type: 'end' }
  | { readonly type: 'walked' }
  | { readonly type: 'absent'; readonly relpaths: readonly string[] }
  | { readonly type: 'failed'; readonly error: ErrorShape };

/** Slots of the shared control array. */
export const CONTROL = {
  /** 1: stop. */
  stop: 0,
  /** Batches the engine is done with. */
  consumed: 1,
} as const;

/** Batches under way at most: bounds memory, and how far a walk runs ahead of the index. */
export const MAX_BATCHES_AHEAD = 8;
