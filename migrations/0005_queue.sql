-- Pausing, parts of jobs, what was noted of them, and who works on the queue.

-- 1: whoever runs it shall stop where it can go on later.
ALTER TABLE jobs ADD COLUMN pause_asked INTEGER NOT NULL DEFAULT 0;
-- Id of the job of kind 'group' it is a part of.
ALTER TABLE jobs ADD COLUMN parent TEXT;
CREATE INDEX jobs_by_parent ON jobs (parent, status) WHERE parent IS NOT NULL;
CREATE INDEX jobs_groups ON jobs (status) WHERE kind = 'group';

-- What is held back in every process: a kind of job, or '*' for everything.
CREATE TABLE queue_holds (
  held   TEXT    PRIMARY KEY,
  since  INTEGER NOT NULL                           -- ms since the epoch
) STRICT, WITHOUT ROWID;

CREATE TABLE job_log (
  job_key  INTEGER NOT NULL REFERENCES jobs (key) ON DELETE CASCADE,
  line     INTEGER NOT NULL,                        -- from 1; the oldest of many go
  at       INTEGER NOT NULL,                        -- ms since the epoch
  level    TEXT    NOT NULL CHECK (level IN ('info', 'warn', 'error')),
  message  TEXT    NOT NULL,
  PRIMARY KEY (job_key, line)
) STRICT, WITHOUT ROWID;

-- How far a job was at times while it ran.
CREATE TABLE job_speed (
  job_key     INTEGER NOT NULL REFERENCES jobs (key) ON DELETE CASCADE,
  at          INTEGER NOT NULL,                     -- ms since the epoch
  done_bytes  INTEGER NOT NULL,
  done_items  INTEGER NOT NULL,
  PRIMARY KEY (job_key, at)
) STRICT, WITHOUT ROWID;

-- The processes that take jobs. One that died is taken out by the others.
CREATE TABLE queue_workers (
  owner  TEXT    PRIMARY KEY,                       -- as in jobs.lease_owner
  role   TEXT    NOT NULL CHECK (role IN ('window', 'command', 'background')),
  seen   INTEGER NOT NULL,                          -- ms since the epoch; renewed every ten minutes
  lacks  TEXT    NOT NULL DEFAULT '[]'              -- JSON list of needs it cannot give, as it last looked
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX queue_workers_background ON queue_workers (role) WHERE role = 'background';
