-- Further kinds of plans: copies the other way, conflicts, files out of the trash; and what an apply can take back.

-- 'reverse': a copy from the second root to the first. 'undecided': both sides changed, and the person has not said
-- which shall stay. NULL: from the first root to the second.
ALTER TABLE plan_items ADD COLUMN direction TEXT CHECK (direction IN ('reverse', 'undecided'));
-- The folder in the trash of the target that moved_from lies in; NULL for every other step.
ALTER TABLE plan_items ADD COLUMN trashed TEXT;
-- 1: the person said, of this file by name, that the last copy of its content may go.
ALTER TABLE plan_items ADD COLUMN last_copy INTEGER NOT NULL DEFAULT 0;

-- The folder in the trash of the target that holds what the step deleted or replaced.
ALTER TABLE steps ADD COLUMN trashed TEXT;
