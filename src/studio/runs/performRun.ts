import { join } from 'node:path';

import { removeLeftTemporaries, removeTree } from '../../base/binaryFile.ts';
import { isCanceled, type LakesideError, toLakesideError } from '../../base/errors.ts';
import type { GenerateReport } from '../../protocol/values.ts';
import type { PartRow } from '../../store/runStore.ts';
import { PartWork } from './partWork.ts';
import { seedsOf } from './partStates.ts';
import { removeLeftPreviews, RunPreviews } from './runPreviews.ts';
import { RunProgress } from './runProgress.ts';
import { type RunUnderWay, write } from './runTools.ts';

/**
 * Makes what is missing of a run: all of it, or what an earlier attempt left. Parts that were sent are looked for, parts
 * that are done stay.
 * @throws LakesideError why it failed; the run's row says so too
 */
export async function performRun(run: RunUnderWay): Promise<GenerateReport> {
  const { tools, snapshot, job, context } = run;
  const { runs, clock } = tools;
  const { lease } = context;
  await write(run, () =>
    runs.begin(lease, { snapshot, job: job.id, createdAt: job.createdAt }, seedsOf(snapshot), clock.now()),
  );
  tools.onChange();
  const previews = new RunPreviews({
    // Of this try alone: the pictures of the one before go in a moment.
    folder: join(tools.previewsDir, `${snapshot.run}-${clock.now()}`),
    clock,
    onPreview: tools.onPreview,
  });
  void removeLeftPreviews(tools.previewsDir, clock);
  await removeLeftTemporaries(snapshot.folder).catch(reporter(run));
  try {
    await performParts(run, previews);
    await write(run, () => runs.finish(lease, snapshot.run, { status: 'succeeded', now: clock.now() }));
    await removeTree(join(tools.scratchDir, snapshot.run)).catch(reporter(run));
    return { run: snapshot.run, images: runs.get(snapshot.run)?.images ?? 0 };
  } catch (caught) {
    const error = tools.hideSecrets(toLakesideError(caught));
    await endBadly(run, error).catch(reporter(run));
    throw error;
  } finally {
    await previews.close();
    tools.onChange();
  }
}

/** As many parts at once as the provider is worth sending; after a failure no further one is begun. */
async function performParts(run: RunUnderWay, previews: RunPreviews): Promise<void> {
  const { tools, provider, snapshot, context } = run;
  const parts = tools.runs.parts(snapshot.run);
  const progress = new RunProgress(parts, (now) => context.progress(now));
  const work = new PartWork(run, previews, progress);
  // What was sent is there, or nearly: first that.
  const waiting = parts
    .filter(({ status }) => status !== 'done')
    .sort((a, b) => Number(b.status === 'submitted') - Number(a.status === 'submitted') || a.part - b.part);
  let failure: LakesideError | undefined;
  const takeNext = (): PartRow | undefined =>
    failure === undefined && !context.signal.aborted ? waiting.shift() : undefined;
  const lane = async (): Promise<void> => {
    for (let part = takeNext(); part !== undefined; part = takeNext()) {
      try {
        await work.perform(part);
      } catch (error) {
        failure ??= toLakesideError(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(provider.capabilities.parallel, waiting.length) }, lane));
  // A part that was canceled before it was begun in this process may be at work at the provider all the same.
  if (context.signal.aborted && isCanceled(context.signal.reason)) {
    for (const part of waiting.filter(({ status }) => status === 'submitted')) await work.end(part);
  }
  if (context.signal.aborted) throw toLakesideError(context.signal.reason);
  if (failure !== undefined) throw failure;
}

/** Says in the run's row what became of it; nothing where the run goes on elsewhere or later. */
async function endBadly(run: RunUnderWay, error: LakesideError): Promise<void> {
  const { tools, snapshot, context } = run;
  const { runs, clock } = tools;
  const { lease, signal } = context;
  const canceled = isCanceled(error) || (signal.aborted && isCanceled(signal.reason));
  if (canceled) {
    await write(run, () => runs.finish(lease, snapshot.run, { status: 'canceled', now: clock.now() }));
    await removeTree(join(tools.scratchDir, snapshot.run));
    return;
  }
  // The engine stops, or another process holds the run.
  if (signal.aborted || error.code === 'LEASE_LOST') return;
  const shape = error.toShape();
  if (context.triesAgain(error)) await write(run, () => runs.noteError(lease, snapshot.run, shape));
  else {
    await write(run, () => runs.finish(lease, snapshot.run, { status: 'failed', error: shape, now: clock.now() }));
  }
}

function reporter({ tools }: RunUnderWay): (error: unknown) => void {
  return (error) => tools.onProblem(toLakesideError(error));
}
