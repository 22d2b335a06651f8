-- Hashes that travel with a root, and what reading a root again found. Sizes in bytes, times in whole milliseconds since
-- 1970.

-- Of each root the file in <root>/.lakeside/hashes/ that this database writes.
CREATE TABLE hash_journals (
  root_key     INTEGER PRIMARY KEY REFERENCES roots (key) ON DELETE CASCADE,
  name         TEXT    NOT NULL,                    -- of the file
  generation   TEXT,                                -- that its first line says; NULL: to be written anew from the index
  lines        INTEGER NOT NULL DEFAULT 0,
  -- Who writes it now: one process at a time.
  lease_owner  TEXT,
  lease_until  INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Files of the index whose hash is still to be written there. Keys are never given twice: what is taken out while more
-- comes is just what was written.
CREATE TABLE hashes_to_write (
  key       INTEGER PRIMARY KEY AUTOINCREMENT,
  root_key  INTEGER NOT NULL REFERENCES roots (key) ON DELETE CASCADE,
  relpath   TEXT    NOT NULL
) STRICT;

CREATE INDEX hashes_to_write_by_root ON hashes_to_write (root_key, key);

-- Of each root that has hashes one file: it is written whole the first time.
INSERT INTO hashes_to_write (root_key, relpath)
  SELECT root_key, min(relpath) FROM files WHERE blake3 IS NOT NULL GROUP BY root_key;

-- How far the files that others write there have been read.
CREATE TABLE hash_journals_read (
  root_key    INTEGER NOT NULL REFERENCES roots (key) ON DELETE CASCADE,
  name        TEXT    NOT NULL,
  generation  TEXT    NOT NULL,
  offset      INTEGER NOT NULL,                     -- bytes
  PRIMARY KEY (root_key, name)
) STRICT, WITHOUT ROWID;

-- When all of a root was last read again and compared with its hashes.
CREATE TABLE verified_roots (
  root_key     INTEGER PRIMARY KEY REFERENCES roots (key) ON DELETE CASCADE,
  verified_at  INTEGER NOT NULL
) STRICT;

-- How far a verify job is: what it found before `after` is counted.
CREATE TABLE verify_cursors (
  job_key   INTEGER PRIMARY KEY REFERENCES jobs (key) ON DELETE CASCADE,
  after     TEXT    NOT NULL,                       -- relpath of the last file done; '' before the first
  report    TEXT    NOT NULL                        -- JSON
) STRICT;

-- Bit rot: size and time are those of the hash, the content is not. It counts while the index still holds that state of
-- the file, with that hash.
CREATE TABLE rotten_files (
  root_key  INTEGER NOT NULL REFERENCES roots (key) ON DELETE CASCADE,
  relpath   TEXT    NOT NULL,
  size      INTEGER NOT NULL,
  mtime_ms  INTEGER NOT NULL,
  expected  BLOB    NOT NULL,                       -- BLAKE3
  found     BLOB    NOT NULL,
  found_at  INTEGER NOT NULL,
  PRIMARY KEY (root_key, relpath)
) STRICT, WITHOUT ROWID;
