export const DATABASE_FILE = 'lakeside.db';

/** "LAKE": marks the file as ours (PRAGMA application_id). */
export const APPLICATION_ID = 0x4c414b45;

/** Longest that a statement waits, its thread blocked, for another connection's lock. */
export const BUSY_TIMEOUT_MS = 100;

/** Reads of the index go through the page cache without a copy. */
export const READ_PRAGMAS = ['cache_size = -16384', 'mmap_size = 1073741824'] as const;
