import { type Disposable, DisposableStore } from '../base/disposables.ts';
import { toLakesideError } from '../base/errors.ts';
import type { Core } from './core.ts';
import { removeLeftovers, settleRuns } from './settleRuns.ts';

/** Ends what runs left behind: now what earlier processes left, then whenever a job ends without its handler. */
export function keepRunsSettled(core: Core): Disposable {
  const owned = new DisposableStore();
  let again = Promise.resolve();

  function report(error: unknown): void {
    if (owned.isDisposed) return;
    const { code, message } = toLakesideError(error);
    core.log.write({ level: 'warn', message, data: { code } });
  }
  function schedule(work: () => Promise<void>): void {
    again = again.then(() => (owned.isDisposed ? undefined : work())).catch(report);
  }
  schedule(() => removeLeftovers(core));
  schedule(() => settleRuns(core));
  owned.add(
    core.onChanged((topics) => {
      if (topics.includes('jobs')) schedule(() => settleRuns(core));
    }),
  );
  return owned;
}
