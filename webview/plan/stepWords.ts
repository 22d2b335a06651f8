import { formatBytes } from '../../src/base/format.ts';
import type { PlanRow } from '../../src/protocol/contracts/plans.ts';
import { formatTime } from '../shared/formatting.ts';
import { changedSide } from './planKinds.ts';

/** What a step expects to find where it writes. */
export function expectation(row: PlanRow): string {
  const { op, expect, trashed } = row;
  if (op === 'move') return trashed === undefined ? 'Under its old name' : 'In the trash';
  const side = changedSide(row);
  const [there, source] = side === 'to' ? [expect.to, expect.from] : [expect.from, expect.to];
  if (there === null) return 'Not there';
  const time = formatTime(there.mtimeMs);
  // To put an older file in the place of a newer one is rarely what a person means.
  const isNewer = op === 'copy' && source !== null && there.mtimeMs > source.mtimeMs;
  return isNewer ? `Newer: ${time}` : `${formatBytes(there.size)}, ${time}`;
}
