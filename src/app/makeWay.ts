import type { Clock } from '../base/clock.ts';
import { Hold } from '../library/hold.ts';
import type { Progress } from '../protocol/values.ts';
import type { Lane } from '../queue/jobKinds.ts';
import type { JobContext } from '../queue/jobHandlers.ts';
import type { JobLeases } from '../store/jobLeases.ts';

/** How soon it stands still once a copy has begun, and goes on once all are over. */
const LOOK_MS = 500;

/** What of the core it needs. */
interface WayCore {
  readonly clock: Clock;
  readonly store: { readonly leases: Pick<JobLeases, 'runningIn'> };
}

/**
 * Does work that stands still, in the middle of a file, while jobs of more urgent lanes run in any process of the data
 * dir. It keeps its place in the queue meanwhile, and says that it waits.
 */
export async function makeWay<T>(
  core: WayCore,
  { lanes, context }: { readonly lanes: readonly Lane[]; readonly context: Pick<JobContext, 'progress'> },
  work: (hold: Hold, progress: (progress: Progress) => void) => Promise<T>,
): Promise<T> {
  const hold = new Hold();
  let last: Progress | undefined;
  const told = (): void => {
    if (last !== undefined) context.progress(hold.held ? { ...last, text: 'Waits while files are copied' } : last);
  };
  const holding = hold.onChange(told);
  const look = (): void => {
    hold.set(core.store.leases.runningIn(lanes) > 0);
    timer = core.clock.after(LOOK_MS, look);
  };
  let timer = core.clock.after(LOOK_MS, look);
  hold.set(core.store.leases.runningIn(lanes) > 0);
  try {
    return await work(hold, (progress) => {
      last = progress;
      told();
    });
  } finally {
    timer.dispose();
    holding.dispose();
    hold.set(false);
  }
}
