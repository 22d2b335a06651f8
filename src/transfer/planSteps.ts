import type { ExpectedFile } from '../protocol/planFile.ts';
import type { PlanOp } from '../protocol/values.ts';
import type { Keeper } from '../store/keeperStore.ts';
import type { StepOutcome, IndexChange } from './stepOutcome.ts';

/** A file that is about to be removed for good. */
export interface Leaving {
  readonly path: string;
  /** Hexadecimal; undefined: nobody knows, so that it counts as the last of its content. */
  readonly blake3: string | undefined;
  readonly lastCopy: boolean;
}

/** One ticked step of a plan. */
export interface PlanStep {
  /** Its number in the plan; steps are ordered by it. */
  readonly step: number;
  readonly op: PlanOp;
  readonly path: string;
  readonly movedFrom?: string | undefined;
  /** The name in *from*, where it is another. */
  readonly fromPath?: string | undefined;
  /** The folder in the trash that `movedFrom` lies in, for what comes back out of it. */
  readonly trashed?: string | undefined;
  /** The person said of this file that the last copy of its content may go. */
  readonly lastCopy?: true | undefined;
  readonly expect: { readonly from: ExpectedFile | null; readonly to: ExpectedFile | null };
}

export interface StepTotals {
  /** Ticked steps of the plan, finished ones included. */
  readonly items: number;
  readonly doneItems: number;
  /** Bytes of all copies, and of those that are finished. */
  readonly bytes: number;
  readonly doneBytes: number;
  /** Copies of this job that have failed so far. */
  readonly failedCopies: number;
  /** Steps that change *from*, finished ones included. */
  readonly reverse: number;
}

/**
 * The steps of one apply job that change *to*, as the executor sees them; `reversed` has the others. Every write checks
 * that the job is still held.
 */
/** A file as somebody expects it. Bytes, and ms since 1970. */
export interface FileState {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
}

export interface PlanSteps {
  /** Of the steps both ways. */
  totals(): Promise<StepTotals>;
  /** The steps the other way, as steps forward between roots that have changed places: *from* is what is changed. */
  reversed(): PlanSteps;
  /** Conflicts that are not decided, after the given step number, in order. */
  undecided(after: number, limit: number): Promise<readonly PlanStep[]>;
  /** Steps of one kind that are not finished, after the given step number (start at -1), in order. */
  pending(op: PlanOp, after: number, limit: number): Promise<readonly PlanStep[]>;
  /** Pending deletes of this path and of everything below it. */
  deletesAt(path: string): Promise<readonly PlanStep[]>;
  /** Moves that are done or were already, after the given step number, in order. */
  finishedMoves(after: number, limit: number): Promise<readonly PlanStep[]>;
  /**
   * Notes that these steps are about to be worked on, so that the next try knows what one that is killed may have done.
   * Throws LEASE_LOST when another process has taken the job over.
   */
  begin(steps: readonly number[]): Promise<void>;
  /**
   * Records what became of steps with the changes each made to the index, then `further` changes, in one transaction.
   * Throws LEASE_LOST when another process has taken the job over; then nothing was written.
   */
  record(outcomes: readonly StepOutcome[], further: readonly IndexChange[]): Promise<void>;
  /**
   * Writes down that these files of *to* go for good and gives, by path, who keeps their content: nobody where it is the
   * last copy; null: the person lets it go all the same. `settleDepartures` follows when they are gone, or stay.
   */
  depart(files: readonly Leaving[]): Promise<ReadonlyMap<string, readonly Keeper[] | null>>;
  /**
   * As `depart`, for files of *to* that go because one of *from* keeps their content. Returns the paths of those that must
   * stay: another job is about to remove their keeper.
   */
  departKept(files: readonly { readonly path: string; readonly keeperPath: string }[]): Promise<readonly string[]>;
  settleDepartures(paths: readonly string[]): Promise<void>;
  /** A hash that the index holds for a file of just this size and time. */
  knownHash(root: 'from' | 'to', path: string, size: number, mtimeMs: number): string | undefined;
  /** As `knownHash` for many files, in their order. */
  knownHashes(root: 'from' | 'to', files: readonly FileState[]): readonly (string | undefined)[];
}
