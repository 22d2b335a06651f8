import assert from 'node:assert/strict';
import type { Database } from 'better-sqlite3';

import type { LakesideError } from '../../src/base/errors.ts';
import type { JobProgress } from '../../src/protocol/engineEvents.ts';
import { type HashReport, type Job, JOB_STATES } from '../../src/protocol/values.ts';
import type { JobContext, JobHandlers } from '../../src/queue/jobHandlers.ts';
import { JOB_EVENTS, nextState } from '../../src/queue/jobStates.ts';
import { thisProcess } from '../../src/queue/leaseOwner.ts';
import { QueueRunner } from '../../src/queue/queueRunner.ts';
import { JobHistory } from '../../src/store/jobHistory.ts';
import { JobLeases } from '../../src/store/jobLeases.ts';
import { type NewJob, JobStore } from '../../src/store/jobStore.ts';
import { openDatabase } from '../../src/store/openDatabase.ts';
import { QueueStore } from '../../src/store/queueStore.ts';
import type { ManualClock } from './manualClock.ts';
import { temporaryFolder } from './temporaryFolder.ts';
import { storeOptions } from './testStore.ts';

export const hashReport: HashReport = { hashed: 1, hashedBytes: 2, problems: [], ms: 3 };

/** `queued → running` and all others that an event can bring about. */
const ALLOWED_MOVES = new Set(
  JOB_STATES.flatMap((state) => JOB_EVENTS.map((event) => `${state} → ${nextState(state, event) ?? 'nothing'}`)),
);
// A group has no state of its own, and so no table of them.
const NOTE_MOVES = `CREATE TABLE IF NOT EXISTS moves (move TEXT NOT NULL);
  CREATE TRIGGER IF NOT EXISTS note_moves AFTER UPDATE OF status ON jobs WHEN new.kind <> 'group'
  BEGIN INSERT INTO moves VALUES (old.status || ' → ' || new.status); END`;

/** A handler at work, in the hands of the test. */
export interface Started {
  readonly context: JobContext;
  readonly finish: () => void;
  readonly fail: (error: unknown) => void;
}

export interface TestEngine {
  readonly database: Database;
  readonly jobs: JobStore;
  readonly leases: JobLeases;
  readonly queue: QueueStore;
  readonly history: JobHistory;
  readonly runner: QueueRunner;
  /** By job, the newest. */
  readonly started: Map<string, Started>;
  /** Job ids in the order they began. */
  readonly order: string[];
  /** What it lacks: a need, and the sentence that says so. */
  readonly lacking: Map<string, string>;
  readonly errors: LakesideError[];
  readonly progress: JobProgress[];
}

/**
 * Engines as windows or processes would have them: each its own connection on one database of the test. Jobs of kind `hash`
 * end when the test says so. After each test no job may have gone from one state to another but as the table of states
 * allows. Call it inside `describe`.
 */
export function queueEngines(): (clock: ManualClock, nonce: string, concurrency?: number) => TestEngine {
  const folder = temporaryFolder();
  const opened: Database[] = [];
  afterEach(() => {
    const moves = opened.flatMap((database) => database.prepare<[], string>('SELECT move FROM moves').pluck().all());
    for (const database of opened.splice(0)) database.close();
    assert.deepEqual(
      moves.filter((move) => !ALLOWED_MOVES.has(move)),
      [],
    );
  });
  return (clock, nonce, concurrency = 1) => {
    const database = openDatabase(storeOptions(folder(), clock));
    database.exec(NOTE_MOVES);
    opened.push(database);
    const jobs = new JobStore(database);
    const leases = new JobLeases(database);
    const queue = new QueueStore(database);
    const started = new Map<string, Started>();
    const order: string[] = [];
    const lacking = new Map<string, string>();
    const errors: LakesideError[] = [];
    const progress: JobProgress[] = [];
    const handle = (context: JobContext): Promise<HashReport> =>
      new Promise((resolve, reject) => {
        order.push(context.jobId);
        started.set(context.jobId, { context, finish: () => resolve(hashReport), fail: reject });
        context.signal.addEventListener('abort', () => reject(context.signal.reason as Error));
      });
    const never = (): Promise<never> => Promise.reject(new Error('not in this test'));
    const handlers: JobHandlers = {
      scan: never,
      hash: (_payload, context) => handle(context),
      verify: never,
      apply: (_payload, context) => handle(context).then(() => APPLIED),
      trash: never,
      generate: never,
    };
    const runner = new QueueRunner({
      jobs,
      leases,
      queue,
      handlers,
      clock,
      owner: thisProcess(nonce),
      role: 'window',
      soleEngine: false,
      settings: () => ({ concurrency, retryCount: 1 }),
      lacks: (need) => Promise.resolve(lacking.get(need)),
      random: () => 1,
      onChange: () => undefined,
      onProgress: (event) => progress.push(event),
      onError: (error) => errors.push(error),
    });
    const history = new JobHistory(database);
    return { database, jobs, leases, queue, history, runner, started, order, lacking, errors, progress };
  };
}

const APPLIED = { done: 1, already: 0, skipped: 0, failed: 0, canceled: 0, bytes: 0, ms: 1 };

function hashJob(id: string, clock: ManualClock, further: Partial<NewJob> = {}): NewJob {
  const payload = { scope: 'unhashed', root: 'r' };
  return {
    ...{ id, kind: 'hash', title: id, lane: 'hash', payload, needs: [], dedupeKey: `hash ${id}`, now: clock.now() },
    ...further,
  };
}

export function addHash(jobs: JobStore, id: string, clock: ManualClock, further: Partial<NewJob> = {}): Job {
  return jobs.add(hashJob(id, clock, further)).job;
}

/** Adds a job of another lane, which `concurrency` is about. */
export function addApply(jobs: JobStore, id: string, clock: ManualClock): Job {
  return jobs.add({
    ...{ id, kind: 'apply', title: id, lane: 'transfer', payload: { plan: id }, needs: [], now: clock.now() },
  }).job;
}
