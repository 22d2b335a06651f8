-- The studio: users, brands, projects, work items, instructions, workflows, runs and their images, audits.
-- Ids are texts that sort by the time they were made; they name folders, so they are short and lower-case.
-- Times in whole milliseconds since 1970, sizes in bytes or pixels. Nothing is deleted: it is archived.

CREATE TABLE users (
  id           TEXT    PRIMARY KEY,
  name         TEXT    NOT NULL UNIQUE COLLATE NOCASE,
  current      INTEGER NOT NULL DEFAULT 0,          -- 1: the person at this machine now
  created_at   INTEGER NOT NULL,
  archived_at  INTEGER
) STRICT;

CREATE UNIQUE INDEX users_current ON users (current) WHERE current = 1;

CREATE TABLE brands (
  id           TEXT    PRIMARY KEY,
  slug         TEXT    NOT NULL,
  name         TEXT    NOT NULL,
  voice        TEXT    NOT NULL DEFAULT '',
  created_by   TEXT    NOT NULL REFERENCES users (id),
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  archived_at  INTEGER
) STRICT;

CREATE UNIQUE INDEX brands_slug ON brands (slug);

CREATE TABLE projects (
  id           TEXT    PRIMARY KEY,
  brand_id     TEXT    NOT NULL REFERENCES brands (id),
  slug         TEXT    NOT NULL,
  name         TEXT    NOT NULL,
  storage      TEXT    NOT NULL,                    -- JSON: {"kind":"default"} or {"kind":"folder","path":"…"}
  currency     TEXT    NOT NULL DEFAULT 'USD',      -- ISO 4217
  created_by   TEXT    NOT NULL REFERENCES users (id),
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  archived_at  INTEGER
) STRICT;

CREATE UNIQUE INDEX projects_slug ON projects (slug);
CREATE INDEX projects_brand ON projects (brand_id, name);

CREATE TABLE work_items (
  id           TEXT    PRIMARY KEY,
  project_id   TEXT    NOT NULL REFERENCES projects (id),
  slug         TEXT    NOT NULL,
  name         TEXT    NOT NULL,
  brief        TEXT    NOT NULL DEFAULT '',
  draft        TEXT    NOT NULL DEFAULT '{}',       -- JSON: what the editor would generate with
  created_by   TEXT    NOT NULL REFERENCES users (id),
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  archived_at  INTEGER
) STRICT;

CREATE UNIQUE INDEX work_items_slug ON work_items (project_id, slug);

CREATE TABLE instructions (
  scope        TEXT    NOT NULL CHECK (scope IN ('user', 'brand', 'project', 'item')),
  scope_id     TEXT    NOT NULL,
  text         TEXT    NOT NULL,
  updated_by   TEXT    NOT NULL REFERENCES users (id),
  updated_at   INTEGER NOT NULL,
  PRIMARY KEY (scope, scope_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE workflows (
  id           TEXT    PRIMARY KEY,
  name         TEXT    NOT NULL UNIQUE COLLATE NOCASE,
  graph        TEXT    NOT NULL,                    -- JSON, API format
  bindings     TEXT    NOT NULL,                    -- JSON list of named inputs
  created_by   TEXT    NOT NULL REFERENCES users (id),
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  archived_at  INTEGER
) STRICT;

ALTER TABLE jobs ADD COLUMN work_item_id TEXT;
CREATE INDEX jobs_work_item ON jobs (work_item_id, created_at DESC);

CREATE TABLE runs (
  id             TEXT    PRIMARY KEY,
  work_item_id   TEXT    NOT NULL REFERENCES work_items (id),
  job_id         TEXT    NOT NULL,                  -- jobs are cleared one day, runs are not
  status         TEXT    NOT NULL CHECK (status IN ('running', 'succeeded', 'failed', 'canceled')),
  provider       TEXT    NOT NULL,
  request        TEXT    NOT NULL,                  -- JSON: the whole snapshot, merged instructions included
  folder         TEXT    NOT NULL,                  -- absolute
  image_count    INTEGER NOT NULL DEFAULT 0,
  error_message  TEXT,
  error          TEXT,                              -- JSON
  created_by     TEXT    NOT NULL REFERENCES users (id),
  created_at     INTEGER NOT NULL,
  started_at     INTEGER NOT NULL,
  finished_at    INTEGER
) STRICT;

CREATE INDEX runs_work_item ON runs (work_item_id, created_at DESC);
CREATE INDEX runs_created ON runs (created_at DESC);
CREATE INDEX runs_failed ON runs (created_at DESC) WHERE status = 'failed';
CREATE INDEX runs_running ON runs (created_at DESC) WHERE status = 'running';

-- A run asks its provider once for each part; a part that was sent is looked for again, not sent again.
CREATE TABLE run_parts (
  run_id      TEXT    NOT NULL REFERENCES runs (id),
  part        INTEGER NOT NULL,                     -- from 1
  seed        INTEGER NOT NULL,
  status      TEXT    NOT NULL CHECK (status IN ('pending', 'submitted', 'done')),
  submission  TEXT,                                 -- UUID given to the provider, kept before anything is sent
  ticket      TEXT,                                 -- JSON: what the provider finds its work by
  PRIMARY KEY (run_id, part)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_images (
  id            TEXT    PRIMARY KEY,
  run_id        TEXT    NOT NULL REFERENCES runs (id),
  work_item_id  TEXT    NOT NULL REFERENCES work_items (id),
  project_id    TEXT    NOT NULL REFERENCES projects (id),
  part          INTEGER NOT NULL,
  n             INTEGER NOT NULL,                   -- from 1, within the part
  stage         TEXT    NOT NULL,
  variant       TEXT    NOT NULL,
  file          TEXT    NOT NULL,                   -- name within the run's folder
  mime          TEXT    NOT NULL,
  width         INTEGER NOT NULL,
  height        INTEGER NOT NULL,
  bytes         INTEGER NOT NULL,
  blake3        BLOB    NOT NULL,
  seed          INTEGER NOT NULL,
  model         TEXT    NOT NULL DEFAULT '',
  rating        INTEGER NOT NULL DEFAULT 0 CHECK (rating BETWEEN 0 AND 5),
  pick          TEXT    NOT NULL DEFAULT 'none' CHECK (pick IN ('none', 'picked', 'rejected')),
  rated_by      TEXT    REFERENCES users (id),
  created_at    INTEGER NOT NULL,
  UNIQUE (run_id, part, n)
) STRICT;

CREATE INDEX run_images_run ON run_images (run_id, created_at);
CREATE INDEX run_images_work_item ON run_images (work_item_id, created_at DESC, id DESC);
CREATE INDEX run_images_project ON run_images (project_id, created_at DESC, id DESC);
CREATE INDEX run_images_created ON run_images (created_at DESC, id DESC);
CREATE INDEX run_images_unpicked ON run_images (run_id) WHERE pick = 'none';
CREATE INDEX run_images_content ON run_images (blake3);

-- Who did what, when, and how it was before and after.
CREATE TABLE audits (
  key         INTEGER PRIMARY KEY AUTOINCREMENT,
  at          INTEGER NOT NULL,
  user_id     TEXT    NOT NULL REFERENCES users (id),
  action      TEXT    NOT NULL,                     -- as "brand.add"
  subject     TEXT    NOT NULL,                     -- "brand", "project", "item", "run", "image" …
  subject_id  TEXT    NOT NULL,
  before      TEXT,                                 -- JSON
  after       TEXT                                  -- JSON
) STRICT;

CREATE INDEX audits_subject ON audits (subject, subject_id, key);

CREATE TRIGGER audits_unchanged BEFORE UPDATE ON audits
BEGIN
  SELECT RAISE(ABORT, 'audits are never changed');
END;

CREATE TRIGGER audits_kept BEFORE DELETE ON audits
BEGIN
  SELECT RAISE(ABORT, 'audits are never deleted');
END;
