-- The trash of the roots. The truth is the disk (`<root>/.lakeside/trash/<folder>/<path>`), which other machines fill, too;
-- these tables are an index of it. Sizes in bytes, times in whole milliseconds since 1970.

CREATE TABLE trash_folders (
  key         INTEGER PRIMARY KEY,
  root_key    INTEGER NOT NULL REFERENCES roots (key) ON DELETE CASCADE,
  name        TEXT    NOT NULL,                     -- in `.lakeside/trash`
  trashed_at  INTEGER NOT NULL,
  job_id      TEXT,                                 -- the apply that filled it; NULL: one of another machine
  UNIQUE (root_key, name)
) STRICT;

CREATE INDEX trash_folders_by_time ON trash_folders (trashed_at, key);

CREATE TABLE trash_entries (
  folder_key  INTEGER NOT NULL REFERENCES trash_folders (key) ON DELETE CASCADE,
  path        TEXT    NOT NULL,                     -- where the file lay in its root
  size        INTEGER NOT NULL,
  mtime_ms    INTEGER NOT NULL,
  blake3      BLOB,                                 -- NULL: not known
  PRIMARY KEY (folder_key, path)
) STRICT, WITHOUT ROWID;

CREATE INDEX trash_entries_by_content ON trash_entries (blake3) WHERE blake3 IS NOT NULL;

-- When the trash of a root was last looked through on the disk, and when last purged by age; NULL: never.
ALTER TABLE roots ADD COLUMN trash_read_at INTEGER;
ALTER TABLE roots ADD COLUMN trash_purged_at INTEGER;

-- Files that running jobs are about to remove for good: none of them may be the copy that another one relies on. Rows of
-- jobs that do not run any more mean nothing.
CREATE TABLE departures (
  root_key  INTEGER NOT NULL REFERENCES roots (key) ON DELETE CASCADE,
  path      TEXT    NOT NULL,                       -- under the root; in the trash with `.lakeside/trash/<folder>/` before it
  job_key   INTEGER NOT NULL REFERENCES jobs (key) ON DELETE CASCADE,
  PRIMARY KEY (root_key, path)
) STRICT, WITHOUT ROWID;

CREATE INDEX departures_by_job ON departures (job_key);

-- 1: what is said of the last copy is other than what the header's seal covers.
ALTER TABLE plan_items ADD COLUMN renamed_last_copy INTEGER NOT NULL DEFAULT 0;

-- Few rows, or none.
CREATE INDEX plan_items_renamed ON plan_items (plan_key, step) WHERE renamed_last_copy = 1;
