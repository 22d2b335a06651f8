import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { removeTree } from '../base/binaryFile.ts';
import { toLakesideError } from '../base/errors.ts';
import { isOver } from '../protocol/values.ts';
import type { RunJob } from '../store/runJobs.ts';
import { retryWhileBusy } from '../store/busyRetry.ts';
import { cancelPart } from '../studio/runs/cancelPart.ts';
import type { Core } from './core.ts';
import { PREVIEWS, SCRATCH } from './generateJob.ts';

/**
 * Ends the runs whose job ended without its handler: canceled while it was in the queue again, or by a process that died.
 * What the provider still does for them is ended too. Any number of processes may do it at the same time.
 */
export async function settleRuns(core: Core): Promise<void> {
  const { store, clock } = core;
  let settled = false;
  for (const { id, job: jobId } of store.runs.unsettled()) {
    const job = store.jobs.get(jobId);
    const failed = job?.status === 'failed';
    // What failed may be tried again and then looks for what it sent.
    if (!failed) await cancelParts(core, id);
    const error = failed ? job.error : undefined;
    const end = { status: failed ? 'failed' : 'canceled', ...(error && { error }), now: clock.now() } as const;
    if (await retryWhileBusy(() => store.runs.settle(id, end), clock)) settled = true;
  }
  if (settled) core.changed('runs', 'studio');
}

/** A run that was canceled in the queue: one that never began gets its row, so that it is not forgotten. */
export function endCanceledRun(core: Core, { id, snapshot, createdAt }: RunJob): void {
  const { runs } = core.store;
  const end = async (): Promise<void> => {
    // Tried at once, so that a command that ends now has written it; later where another process holds the lock.
    await retryWhileBusy(() => {
      if (runs.get(id) === undefined) runs.addCanceled({ snapshot, job: id, createdAt }, core.clock.now());
    }, core.clock);
    core.changed('runs', 'studio');
    await settleRuns(core);
  };
  end().catch((error: unknown) => report(core, error));
}

async function cancelParts(core: Core, run: string): Promise<void> {
  const { store, clock } = core;
  const snapshot = store.runs.snapshot(run);
  const provider = snapshot === undefined ? undefined : core.providers.find(snapshot.provider.name);
  if (snapshot === undefined || provider === undefined) return;
  for (const { part, seed, status, submission, ticket } of store.runs.parts(run)) {
    if (status !== 'submitted' || submission === null) continue;
    const scratch = join(core.dataDir, SCRATCH, run, String(part));
    const context = { clock, progress: () => undefined, preview: () => undefined };
    await cancelPart(provider, { snapshot, part, seed, submission, scratch }, ticket ?? undefined, context).catch(
      (error: unknown) => report(core, error),
    );
    await retryWhileBusy(() => store.runs.forgetSubmission(run, part), clock);
  }
}

/** Removes what runs that are over have left in our folders; nobody looks at it any more. */
export async function removeLeftovers(core: Core): Promise<void> {
  for (const [folder, isWanted] of [
    [join(core.dataDir, SCRATCH), isUnfinished],
    [join(core.dataDir, PREVIEWS), isActive],
  ] as const) {
    for (const run of await readdir(folder).catch(() => [])) {
      if (isWanted(core, run)) continue;
      await removeTree(join(folder, run)).catch((error: unknown) => report(core, error));
    }
  }
}

function isActive({ store }: Core, run: string): boolean {
  const job = store.jobs.get(run);
  return job !== undefined && !isOver(job.status);
}

/** A run that failed may find there what a program has made for it. */
function isUnfinished(core: Core, run: string): boolean {
  return isActive(core, run) || core.store.runs.get(run)?.status === 'failed';
}

function report(core: Core, error: unknown): void {
  const { code, message } = toLakesideError(error);
  core.log.write({ level: 'warn', message, data: { code } });
}
