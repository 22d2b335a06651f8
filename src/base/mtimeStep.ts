import { closeSync, openSync, statSync, unlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

import { fileError } from './errors.ts';
import { utimesSeconds, wholeMilliseconds } from './fileTime.ts';
import { makeFolder } from './makeFolder.ts';

/** Steps in milliseconds that file systems have: NTFS, ext4, APFS 1 or finer; exFAT 10; HFS+, some NAS 1,000; FAT 2,000. */
const KNOWN_STEPS_MS = [1, 10, 100, 1_000, 2_000] as const;
const COARSEST_STEP_MS = 2_000;
/** Odd in every digit that a coarse file system could drop. */
const PROBE_TIMES_MS = [1_600_000_001_237, 1_600_000_003_999, 1_599_999_997_001, 1_600_000_005_015];

/**
 * Measures how finely the file system of a folder keeps file times, by setting some and reading them back.
 * @param folder where a probe file is made and removed; made when missing
 * @returns milliseconds: 1, 10, 100, 1,000 or 2,000
 * @throws LakesideError when the folder cannot be written
 */
export function measureMtimeStep(folder: string): number {
  const probe = join(folder, `mtime-probe-${process.pid}`);
  try {
    makeFolder(folder);
    closeSync(openSync(probe, 'w'));
    try {
      return stepOf(
        PROBE_TIMES_MS.map((wanted) => {
          utimesSync(probe, utimesSeconds(wanted), utimesSeconds(wanted));
          return { wanted, read: wholeMilliseconds(statSync(probe).mtimeMs) };
        }),
      );
    } finally {
      unlinkSync(probe);
    }
  } catch (error) {
    throw fileError('write', probe, error);
  }
}

/** The smallest known step that explains every difference between a time set and the time read back. */
export function stepOf(probes: readonly { readonly wanted: number; readonly read: number }[]): number {
  const worst = Math.max(0, ...probes.map(({ wanted, read }) => Math.abs(wanted - read)));
  return KNOWN_STEPS_MS.find((step) => worst < step) ?? COARSEST_STEP_MS;
}
