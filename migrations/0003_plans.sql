-- Further kinds of plans: copies the other way, conflicts, files out of the trash; and what an apply can take back.

-- 'reverse': from the second root to the first. 'undecided': a conflict, and the person has not said which side shall
-- stay. NULL: from the first root to the second.
ALTER TABLE plan_items ADD COLUMN direction TEXT CHECK (direction IN ('reverse', 'undecided'));
-- The direction that the header's seal covers.
ALTER TABLE plan_items ADD COLUMN sealed_direction TEXT CHECK (sealed_direction IN ('reverse', 'undecided'));
-- The name in the first root, where it is not the path.
ALTER TABLE plan_items ADD COLUMN from_path TEXT;
-- The folder in the trash of the target that moved_from lies in; NULL for every other step.
ALTER TABLE plan_items ADD COLUMN trashed TEXT;
-- 1: the person said, of this file by name, that the last copy of its content may go.
ALTER TABLE plan_items ADD COLUMN last_copy INTEGER NOT NULL DEFAULT 0;

-- Few rows: conflicts that are not decided, and those decided since the plan was sealed.
CREATE INDEX plan_items_undecided ON plan_items (plan_key, step) WHERE direction = 'undecided';
CREATE INDEX plan_items_redirected ON plan_items (plan_key, step) WHERE direction IS NOT sealed_direction;

-- The folder in the trash of the target that holds what the step deleted or replaced.
ALTER TABLE steps ADD COLUMN trashed TEXT;
-- 1: an earlier try of the job had the step in work and did not live to record what became of it.
ALTER TABLE steps ADD COLUMN tried INTEGER NOT NULL DEFAULT 0;

-- What an apply job has in work, or had when it was killed; a row a task.
CREATE TABLE step_tries (
  key      INTEGER PRIMARY KEY,
  job_key  INTEGER NOT NULL REFERENCES jobs (key) ON DELETE CASCADE,
  steps    TEXT    NOT NULL                        -- JSON list of step numbers
) STRICT;

CREATE INDEX step_tries_by_job ON step_tries (job_key);
