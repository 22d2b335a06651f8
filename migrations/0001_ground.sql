-- Roots, the file index, plans and the queue. Sizes in bytes, times in whole milliseconds since 1970.

CREATE TABLE roots (
  key            INTEGER PRIMARY KEY,
  id             TEXT    NOT NULL UNIQUE,          -- the marker's id
  name           TEXT    NOT NULL UNIQUE COLLATE NOCASE,
  path           TEXT    NOT NULL,
  role           TEXT    NOT NULL CHECK (role IN ('local', 'lake', 'other')),
  allow_delete   INTEGER NOT NULL DEFAULT 0,
  network        INTEGER NOT NULL DEFAULT 0,
  -- Coarsest step of a file time on that file system, as measured when the root was added or scanned.
  mtime_step_ms  INTEGER NOT NULL DEFAULT 1,
  created_at     INTEGER NOT NULL,
  scanned_at     INTEGER                            -- NULL: never scanned
) STRICT;

CREATE TABLE files (
  root_key   INTEGER NOT NULL REFERENCES roots (key) ON DELETE CASCADE,
  relpath    TEXT    NOT NULL,
  size       INTEGER NOT NULL,
  mtime_ms   INTEGER NOT NULL,
  blake3     BLOB,                                  -- NULL: not known
  PRIMARY KEY (root_key, relpath)
) STRICT, WITHOUT ROWID;

CREATE INDEX files_by_content ON files (blake3, root_key) WHERE blake3 IS NOT NULL;

CREATE TABLE plans (
  key         INTEGER PRIMARY KEY AUTOINCREMENT,    -- never given twice: what is kept by it stays true
  id          TEXT    NOT NULL UNIQUE,
  header      TEXT,                                 -- JSON, without items, with the seal; NULL while items arrive
  path        TEXT,                                 -- the plan file, once there is one
  items       INTEGER NOT NULL DEFAULT 0,
  totals      TEXT,                                 -- JSON, the summary of all items, ticked or not
  replaces    INTEGER NOT NULL DEFAULT 0,           -- items that replace a file at the target
  created_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE plan_items (
  plan_key     INTEGER NOT NULL REFERENCES plans (key) ON DELETE CASCADE,
  step         INTEGER NOT NULL,                    -- from 0, in path order
  op           TEXT    NOT NULL CHECK (op IN ('copy', 'move', 'delete')),
  path         TEXT    NOT NULL,
  moved_from   TEXT,
  from_size    INTEGER, from_mtime_ms INTEGER, from_blake3 BLOB,
  to_size      INTEGER, to_mtime_ms   INTEGER, to_blake3   BLOB,
  bytes        INTEGER NOT NULL,                    -- that the step copies, moves or frees
  ticked       INTEGER NOT NULL DEFAULT 1,
  sealed       INTEGER NOT NULL DEFAULT 1,          -- whether the header's seal covers it
  PRIMARY KEY (plan_key, step)
) STRICT, WITHOUT ROWID;

CREATE INDEX plan_items_by_op ON plan_items (plan_key, op, step);
-- Few rows, or none: totals of the ticked steps are the plan's totals less these.
CREATE INDEX plan_items_unticked ON plan_items (plan_key, op, bytes, to_size) WHERE ticked = 0;
CREATE INDEX plan_items_changed ON plan_items (plan_key, step) WHERE ticked <> sealed;

CREATE TABLE jobs (
  key             INTEGER PRIMARY KEY,
  id              TEXT    NOT NULL UNIQUE,
  kind            TEXT    NOT NULL,
  title           TEXT    NOT NULL,
  status          TEXT    NOT NULL CHECK (status IN ('queued', 'waiting', 'paused', 'running', 'succeeded', 'failed', 'canceled')),
  lane            TEXT    NOT NULL,                 -- jobs of a lane share its concurrency
  priority        INTEGER NOT NULL DEFAULT 0,       -- higher first
  payload         TEXT    NOT NULL,                 -- JSON snapshot, checked by the kind's schema
  needs           TEXT    NOT NULL DEFAULT '[]',    -- JSON list of what a claimer must have, as "root:<id>"
  dedupe_key      TEXT,
  attempts        INTEGER NOT NULL DEFAULT 0,
  not_before      INTEGER NOT NULL DEFAULT 0,
  waiting_for     TEXT,                             -- a sentence
  progress        TEXT,                             -- JSON
  result          TEXT,                             -- JSON
  error           TEXT,                             -- JSON
  cancel_asked    INTEGER NOT NULL DEFAULT 0,
  -- Fencing: grows with each claim; every write of a claimer carries its number.
  fence           INTEGER NOT NULL DEFAULT 0,
  lease_owner     TEXT,
  lease_until     INTEGER,
  created_at      INTEGER NOT NULL,
  started_at      INTEGER,
  finished_at     INTEGER
) STRICT;

CREATE UNIQUE INDEX jobs_active_dedupe ON jobs (dedupe_key)
  WHERE dedupe_key IS NOT NULL AND status IN ('queued', 'waiting', 'paused', 'running');
CREATE INDEX jobs_by_status ON jobs (status, created_at);
CREATE INDEX jobs_claimable ON jobs (lane, priority DESC, key) WHERE status = 'queued';

-- Jobs that run a plan.
CREATE INDEX jobs_by_plan ON jobs (json_extract(payload, '$.plan'), key) WHERE kind = 'apply';

-- What became of each ticked step of the plan an apply job runs.
CREATE TABLE steps (
  job_key  INTEGER NOT NULL REFERENCES jobs (key) ON DELETE CASCADE,
  step     INTEGER NOT NULL,
  status   TEXT    NOT NULL CHECK (status IN ('pending', 'running', 'done', 'already', 'skipped', 'failed', 'canceled')),
  code     TEXT,
  reason   TEXT,
  bytes    INTEGER NOT NULL DEFAULT 0,              -- copied and verified
  PRIMARY KEY (job_key, step)
) STRICT, WITHOUT ROWID;

CREATE INDEX steps_by_status ON steps (job_key, status, step, bytes);

-- The first answer of a command that carried an idempotency key.
CREATE TABLE answers (
  key         TEXT    PRIMARY KEY,
  use_case    TEXT    NOT NULL,
  answer      TEXT    NOT NULL,
  created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
