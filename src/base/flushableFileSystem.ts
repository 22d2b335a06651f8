import { statfsSync } from 'node:fs';
import { release } from 'node:os';

/**
 * File systems of Linux whose `syncfs` waits until content and names are on the device (`statfs(2)` has their numbers).
 * Not among them: network file systems, whose servers are not asked, and those that run as programs (FUSE).
 */
const SYNCABLE = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0xf2f52010, // F2FS
]);
/** Before it, `syncfs` did not tell of content that could not be written (`syncfs(2)`). */
const SYNCFS_TELLS = [5, 8] as const;

/** Whether one `syncfs` of this folder's file system does what an `fsync` of each file in it would. Throws by errno. */
export function canFlushFileSystem(folder: string): boolean {
  return process.platform === 'linux' && isSince(release(), SYNCFS_TELLS) && SYNCABLE.has(statfsSync(folder).type);
}

function isSince(version: string, [major, minor]: readonly [number, number]): boolean {
  const [hasMajor = 0, hasMinor = 0] = version.split('.').map(Number);
  return hasMajor > major || (hasMajor === major && hasMinor >= minor);
}
