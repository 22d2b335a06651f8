import { hostname } from 'node:os';

import { isAlive, processStart } from '../base/processIdentity.ts';
import type { PartialHolder } from './transferJournal.ts';

let ownProcess: Omit<PartialHolder, 'run'> | undefined;

/** This process as the holder of a partial, in one run of an apply. */
export function thisHolder(run: string): PartialHolder {
  ownProcess ??= { host: hostname(), pid: process.pid, start: processStart(process.pid) ?? '' };
  return { ...ownProcess, run };
}

export type HolderState = 'gone' | 'alive' | 'unknown';

/**
 * Whether somebody still writes. `unknown`: on another machine.
 * @param liveRuns runs of this process that have not ended
 */
export function holderState(holder: PartialHolder, me: PartialHolder, liveRuns: readonly string[]): HolderState {
  if (holder.host !== me.host) return 'unknown';
  if (holder.pid === me.pid && holder.start === me.start) return liveRuns.includes(holder.run) ? 'alive' : 'gone';
  return isAlive(holder) ? 'alive' : 'gone';
}
