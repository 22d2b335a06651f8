import { type CompareRule, sameFile } from '../../src/library/diffRules.ts';
import type { FileState } from '../../src/protocol/values.ts';

/** The state of one path, seen without moves; at least one side must be there. What the SQL of a diff is held against. */
export function classifyPair(
  from: FileState | undefined,
  to: FileState | undefined,
  rule: CompareRule,
): 'equal' | 'missing' | 'extra' | 'different' {
  if (to === undefined) return 'missing';
  if (from === undefined) return 'extra';
  return sameFile(from, to, rule) ? 'equal' : 'different';
}
