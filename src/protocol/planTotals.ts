import type { PlanItem, PlanSummary } from './planFile.ts';

/** Bytes that a step copies (copy), moves (move) or frees (delete). */
export function stepBytes(item: PlanItem): number {
  const { op, direction, expect } = item;
  // A copy reads the one side, all else changes the other.
  const counted = (op === 'copy') === (direction === 'reverse') ? expect.to : expect.from;
  return counted?.size ?? 0;
}

/** Counts and bytes by step, as a plan's header states them; `addToSummary` fills it. */
export function emptyPlanSummary(): PlanSummary {
  return { copy: { count: 0, bytes: 0 }, move: { count: 0, bytes: 0 }, delete: { count: 0, bytes: 0 } };
}

/** Whether a step replaces a file, on whichever side. */
export function replacesFile({ op, direction, expect }: PlanItem): boolean {
  if (op !== 'copy' || direction === 'undecided') return false;
  return (direction === 'reverse' ? expect.from : expect.to) !== null;
}

export function addToSummary(summary: PlanSummary, item: PlanItem): void {
  const total = item.direction === 'undecided' ? (summary.conflict ??= { count: 0, bytes: 0 }) : summary[item.op];
  total.count++;
  total.bytes += stepBytes(item);
}
