import { LakesideError } from '../base/errors.ts';
import type { ApplySummary } from '../protocol/values.ts';
import type { JobContext } from '../queue/jobHandlers.ts';
import { toSummary } from '../store/applyResults.ts';
import { retryWhileBusy } from '../store/busyRetry.ts';
import { applyPlan } from '../transfer/applyPlan.ts';
import { pooledTransfers } from '../transfer/pooledTransfers.ts';
import { openStoredSteps } from '../transfer/storedSteps.ts';
import type { Core } from './core.ts';
import { loggedSteps } from './loggedSteps.ts';
import { requireRootById } from './requireRoot.ts';

/** While files change the views are told about once a second. */
const HINT_MS = 1_000;

/** The handler of `apply`: binds the executor to the store, the roots and the I/O threads. */
export async function applyJob(core: Core, plan: string, context: JobContext): Promise<ApplySummary> {
  const { store, clock } = core;
  const started = clock.now();
  const header = store.plans.header(plan);
  const from = requireRootById(core, header.from.id);
  const to = requireRootById(core, header.to.id);
  const settings = core.settings();
  const planKey = store.plans.key(plan);
  const of = { jobKey: context.lease.key, planKey };
  while (await retryWhileBusy(() => store.stepTries.takeUp(of, { from: from.key, to: to.key }), clock));
  // What failed before is tried again; what is done stays done.
  while (await retryWhileBusy(() => store.applyResults.reopen(context.lease.key), clock));
  const steps = await openStoredSteps({
    steps: store.steps,
    tries: store.stepTries,
    files: store.files,
    keepers: store.keepers,
    verified: store.verified,
    clock,
    lease: context.lease,
    planKey,
    fromRootKey: from.key,
    toRootKey: to.key,
  });
  let hinted = clock.now();
  const following = core.bandwidth.follow();
  try {
    await applyPlan({
      steps: loggedSteps(steps, context),
      runner: pooledTransfers(core.transfers, core.bandwidth.shared),
      from,
      to,
      seal: header.seal,
      undoes: header.kind === 'undo',
      trashEnabled: settings['trash.enabled'],
      parallelFiles: settings['transfer.parallelFiles'],
      clock,
      signal: context.signal,
      requireMounted: async () => {
        await Promise.all([core.mounts.require(from), core.mounts.require(to)]);
      },
      onProgress: (progress) => {
        context.progress(progress);
        if (clock.now() - hinted < HINT_MS) return;
        hinted = clock.now();
        core.changed('files', 'plans', 'trash');
      },
    });
  } finally {
    following.dispose();
    core.changed('files', 'plans', 'trash');
    for (const root of [from, to]) await core.portableHashes.write(root, context.signal);
  }
  while (await retryWhileBusy(() => store.stepTries.forget(context.lease.key), clock));
  const counts = store.applyResults.counts(context.lease.key);
  const { failed, total } = counts;
  if (failed > 0) {
    throw new LakesideError(
      'STEPS_FAILED',
      'infra',
      `${failed} of ${total} steps failed. Open the plan to see why, then retry.`,
      { context: { plan, failed } },
    );
  }
  return toSummary(counts, clock.now() - started);
}
