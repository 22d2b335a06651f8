import type { TransferInput, TransferKind } from './transferTasks.ts';

type StepsOf = { readonly [K in TransferKind]?: (input: TransferInput<K>) => number[] };

/** Kinds of tasks that do steps of a plan; the others only look, make folders, or tidy. */
const STEPS: StepsOf = {
  copy: ({ items }) => items.map(({ step }) => step),
  move: ({ items }) => [...new Set(items.map(({ action }) => action.move.step))],
  delete: ({ items }) => items.map(({ step }) => step),
  evict: ({ items }) => items.map(({ step }) => step),
};

/** The numbers of the steps that a task does. */
export function stepsInWork<K extends TransferKind>(kind: K, input: TransferInput<K>): number[] {
  return STEPS[kind]?.(input) ?? [];
}
