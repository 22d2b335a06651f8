import { canceledError } from '../base/errors.ts';
import type { SkipCode } from './stepProblem.ts';

/** What a step changed in the index of a root. Applied in the order in which the disk was changed. */
export type IndexChange =
  | {
      readonly root: 'to';
      readonly kind: 'put';
      readonly path: string;
      readonly size: number;
      readonly mtimeMs: number;
      /** Hexadecimal; null: not known, or not to be trusted yet. */
      readonly blake3: string | null;
    }
  | { readonly root: 'to'; readonly kind: 'remove'; readonly path: string }
  /** The source was hashed on the way; recorded where its size and time are still these. */
  | {
      readonly root: 'from';
      readonly kind: 'hash';
      readonly path: string;
      readonly size: number;
      readonly mtimeMs: number;
      readonly blake3: string;
    }
  | TrashChange;

/** A file came into the trash of a root, or left it. Come before the other changes of a step. */
export type TrashChange =
  | {
      readonly root: 'to';
      readonly kind: 'trash';
      /** The folder in the trash that it lies in, under the path that it had. */
      readonly folder: string;
      readonly path: string;
      readonly size: number;
      readonly mtimeMs: number;
      /** Hexadecimal; null: what the index holds of the file at its path, if its size and time are these. */
      readonly blake3: string | null;
    }
  | { readonly root: 'to'; readonly kind: 'untrash'; readonly folder: string; readonly path: string };

export type FinalStepStatus = 'done' | 'already' | 'skipped' | 'failed' | 'canceled';

/** What became of one step of a plan. */
export interface StepOutcome {
  readonly step: number;
  readonly status: FinalStepStatus;
  readonly code?: string;
  readonly reason?: string;
  /** Copied and verified. */
  readonly bytes: number;
  /** The folder in the trash that holds what it deleted or replaced. */
  readonly trashed?: string;
  readonly changes: readonly IndexChange[];
}

export function skippedOutcome({ step }: { readonly step: number }, code: SkipCode, reason: string): StepOutcome {
  return { step, status: 'skipped', code, reason, bytes: 0, changes: [] };
}

export function canceledOutcome(step: number): StepOutcome {
  const { code, message } = canceledError('The apply');
  return { step, status: 'canceled', code, reason: message, bytes: 0, changes: [] };
}
