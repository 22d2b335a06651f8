import type { Clock } from '../base/clock.ts';
import type { Progress } from '../protocol/values.ts';
import type { PlanSteps } from './planSteps.ts';
import type { FinalStepStatus } from './stepOutcome.ts';
import type { TransferPlace } from './transferPlace.ts';
import type { TransferInput, TransferKind, TransferOutput } from './transferTasks.ts';

/** Runs transfer tasks in worker threads. */
export interface TransferRunner {
  /**
   * Settles with what `runTransferTask` gives. When the signal is aborted the task is told and still gives its outcomes;
   * one that has not begun may reject with CANCELED. `onBytes`: more bytes copied (negative: taken back).
   */
  run<K extends TransferKind>(
    kind: K,
    place: TransferPlace,
    input: TransferInput<K>,
    options: { readonly signal: AbortSignal; readonly onBytes: (bytes: number, before: number) => void },
  ): Promise<TransferOutput<K>>;
}

export interface ApplyRoot {
  /** The marker's. */
  readonly id: string;
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  readonly mtimeStepMs: number;
  readonly network: boolean;
  readonly allowDelete: boolean;
}

export interface ApplyOptions {
  readonly steps: PlanSteps;
  readonly runner: TransferRunner;
  readonly from: ApplyRoot;
  readonly to: ApplyRoot;
  /** The plan's seal: leftovers of an earlier run of the same plan are known by it. */
  readonly seal: string;
  readonly trashEnabled: boolean;
  /** Takes an apply back: `expect.from` of a move is the file at its path, which makes way into the trash, or null. */
  readonly undoes?: boolean;
  /** How many copies may be in flight. */
  readonly parallelFiles: number;
  readonly clock: Clock;
  /** Aborted by a cancellation (reason CANCELED: what is left is recorded as canceled), or because the engine stops. */
  readonly signal: AbortSignal;
  /** Rejects with ROOT_NOT_MOUNTED unless both roots are mounted. */
  readonly requireMounted: () => Promise<void>;
  readonly onProgress: (progress: Progress) => void;
  readonly windows?: boolean;
  /** After how many bytes a copy can be gone on with; for tests. */
  readonly chunkBytes?: number;
  /** From how many small files of a batch on they are flushed together; for tests. */
  readonly flushTogetherFrom?: number;
}

export type ApplyCounts = Record<FinalStepStatus, number> & {
  /** Copied and verified. */
  bytes: number;
};
