import type { FileLayer } from './fileLayer.ts';
import { FreeSpace } from './freeSpace.ts';
import type { Pacer } from './pacer.ts';
import type { RootSights } from './rootSight.ts';
import { RootFolders } from './rootFolders.ts';
import type { TrashChange } from './stepOutcome.ts';
import { ASIDE_FOLDER, type RunNames } from './transferPaths.ts';

/** Where and by which rules one run of an apply works; sent to the worker with each task. */
export interface TransferPlace {
  /** Absolute paths of the roots' folders. */
  readonly fromRoot: string;
  readonly toRoot: string;
  /** Id of the root that is copied from. */
  readonly fromId: string;
  /** Which roots lie on network drives. */
  readonly network: { readonly from: boolean; readonly to: boolean };
  /** How the roots looked when the apply began; undefined before that. */
  readonly sights?: RootSights | undefined;
  /** Bytes; see transferJournal.ts. */
  readonly chunkBytes: number;
  /** Whether one flush puts all that was written on the target's device. */
  readonly flushesAll: boolean;
  /** It does for so many small files of a batch, and for more. */
  readonly flushTogetherFrom: number;
  /** Runs of this process that have not ended, by their names. */
  readonly liveRuns: readonly string[];
  /** Coarsest steps of file times, ms. */
  readonly fromStepMs: number;
  readonly toStepMs: number;
  readonly names: RunNames;
  /** Name of this run's folder in the trash. */
  readonly trashFolder: string;
  readonly trashEnabled: boolean;
  readonly allowDelete: boolean;
  /** Relpaths that an earlier run of this plan left in the aside folder. */
  readonly aside: readonly string[];
  /** Whether the target takes names that differ only in case for one. */
  readonly foldsCase: boolean;
}

/** A place in the hands of one task. */
export interface Workplace {
  readonly place: TransferPlace;
  readonly files: FileLayer;
  readonly from: RootFolders;
  readonly to: RootFolders;
  readonly aside: ReadonlySet<string>;
  readonly space: FreeSpace;
  /** Keeps copies within the bandwidth; undefined: there is no limit. */
  readonly pacer: Pacer | undefined;
  /** What this task brought into the trash so far, or out of it; taken out as it is told. */
  readonly trashed: TrashChange[];
  asidePath(relpath: string): string;
}

export function openWorkplace(files: FileLayer, place: TransferPlace, pacer?: Pacer): Workplace {
  return {
    place,
    files,
    from: new RootFolders(files, place.fromRoot),
    to: new RootFolders(files, place.toRoot),
    aside: new Set(place.aside),
    space: new FreeSpace(files, place.toRoot),
    pacer,
    asidePath: (relpath) => `${ASIDE_FOLDER}/${place.names.tag}/${relpath}`,
    trashed: [],
  };
}
