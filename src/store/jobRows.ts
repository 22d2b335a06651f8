import type { Database } from 'better-sqlite3';
import * as z from 'zod';

import { errorShapeSchema } from '../protocol/apiResponse.ts';
import {
  type Job,
  jobKindSchema,
  type JobState,
  jobStateSchema,
  type Progress,
  progressSchema,
} from '../protocol/values.ts';

const rawJobSchema = z.object({
  key: z.int(),
  id: z.string(),
  kind: jobKindSchema,
  title: z.string(),
  status: jobStateSchema,
  priority: z.int(),
  parent: z.string().nullable(),
  pauseAsked: z.int(),
  cancelAsked: z.int(),
  attempts: z.int(),
  waitingFor: z.string().nullable(),
  progress: z.string().nullable(),
  result: z.string().nullable(),
  error: z.string().nullable(),
  createdAt: z.int(),
  startedAt: z.int().nullable(),
  finishedAt: z.int().nullable(),
});

export const JOB_COLUMNS = `key, id, kind, title, status, priority, parent, pause_asked AS pauseAsked,
  cancel_asked AS cancelAsked, attempts,
  waiting_for AS waitingFor, progress, result, error, created_at AS createdAt, started_at AS startedAt,
  finished_at AS finishedAt`;

/** What `jobs.cancel_asked` says where it is not 0. */
export const CANCEL_ASKED = { plainly: 1, keepPartials: 2 } as const;

export const ACTIVE = "('queued', 'waiting', 'paused', 'running')";
export const OVER = "('succeeded', 'failed', 'canceled')";

/** A row of `jobs` as `JOB_COLUMNS` gives it. What a group has of its parts is `withParts`'. */
export function toJob(raw: unknown): Job {
  const {
    key: _key,
    parent,
    pauseAsked,
    cancelAsked,
    waitingFor,
    progress,
    result,
    error,
    ...job
  } = rawJobSchema.parse(raw);
  return {
    ...job,
    progress: progress === null ? null : progressSchema.parse(JSON.parse(progress)),
    ...(parent === null ? {} : { parent }),
    ...(pauseAsked === 1 && job.status === 'running' ? { pausing: true } : {}),
    ...(cancelAsked > 0 && job.status === 'running' ? { canceling: true } : {}),
    ...(waitingFor === null ? {} : { waitingFor }),
    ...(error === null ? {} : { error: errorShapeSchema.parse(JSON.parse(error)) }),
    ...(result === null ? {} : { result: z.unknown().parse(JSON.parse(result)) }),
  };
}

export function parseNeeds(json: string): string[] {
  return z.array(z.string()).parse(JSON.parse(json));
}

interface PartSums {
  readonly total: number;
  readonly over: number;
  readonly failed: number;
  readonly pausing: number;
  readonly priority: number | null;
  /** Parts that say how much there is to do. */
  readonly withItems: number;
  readonly withBytes: number;
  readonly begun: number;
  readonly doneItems: number;
  readonly totalItems: number;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** A group with what its parts have come to together; any other job as it is. */
export function withParts(database: Database, job: Job): Job {
  if (job.kind !== 'group') return job;
  const sums = database
    .prepare<[string], PartSums>(
      `SELECT count(*) AS total,
         coalesce(sum(status IN ${OVER}), 0) AS over,
         coalesce(sum(status = 'failed'), 0) AS failed,
         coalesce(sum(status = 'running' AND pause_asked = 1), 0) AS pausing,
         max(priority) AS priority,
         count(progress) AS begun,
         sum(status IN ${OVER} OR progress ->> 'totalItems' IS NOT NULL) AS withItems,
         sum(status IN ${OVER} OR progress ->> 'totalBytes' IS NOT NULL) AS withBytes,
         coalesce(sum(progress ->> 'doneItems'), 0) AS doneItems,
         coalesce(sum(coalesce(progress ->> 'totalItems', progress ->> 'doneItems')), 0) AS totalItems,
         coalesce(sum(progress ->> 'doneBytes'), 0) AS doneBytes,
         coalesce(sum(coalesce(progress ->> 'totalBytes', progress ->> 'doneBytes')), 0) AS totalBytes
       FROM jobs WHERE parent = ?`,
    )
    .get(job.id);
  if (sums === undefined) return job;
  const { total, over, failed } = sums;
  return {
    ...job,
    priority: sums.priority ?? job.priority,
    parts: { total, over, failed },
    progress: progressOf(sums),
    ...(sums.pausing > 0 ? { pausing: true } : {}),
  };
}

/** The end is known only where every part says its own. */
function progressOf(sums: PartSums): Progress | null {
  if (sums.begun === 0) return null;
  return {
    doneItems: sums.doneItems,
    totalItems: sums.withItems === sums.total ? sums.totalItems : null,
    doneBytes: sums.doneBytes,
    totalBytes: sums.withBytes === sums.total ? sums.totalBytes : null,
  };
}

/**
 * The state of a group, which has none of its own: whatever one of its parts is first in this order. Failed before
 * canceled, so that nobody overlooks a failure.
 */
const GROUP_ORDER = ['running', 'queued', 'waiting', 'paused', 'failed', 'canceled', 'succeeded'] as const;

export function groupState(states: ReadonlySet<JobState>): JobState | undefined {
  return GROUP_ORDER.find((state) => states.has(state));
}
