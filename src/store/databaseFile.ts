export const DATABASE_FILE = 'lakeside.db';

/** "LAKE": marks the file as ours (PRAGMA application_id). */
export const APPLICATION_ID = 0x4c414b45;

/** Longest that a statement waits, its thread blocked, for another connection's lock. */
export const BUSY_TIMEOUT_MS = 100;

/**
 * Reads of the index go through the page cache without a copy: of its first 256 MB, since what is mapped counts as memory of
 * the process. With 1,000,000 files in each of two roots the database has more than a gigabyte.
 */
export const READ_PRAGMAS = ['cache_size = -16384', 'mmap_size = 268435456'] as const;
