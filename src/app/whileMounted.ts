import type { Clock } from '../base/clock.ts';
import type { LakesideError } from '../base/errors.ts';
import type { RootPlace, RootProbe } from '../library/probeRoot.ts';

/** With the ten seconds a probe may take and the grace, a lost drive is told within 15 s. */
const LOOK_EVERY_MS = 3_500;
/** How long work that was told to stop gets to record what it has done. */
const GRACE_MS = 1_000;

export interface MountedWork<T> {
  readonly roots: readonly RootPlace[];
  /** Whether a root is mounted; answers within ten seconds. */
  readonly probe: (root: RootPlace) => Promise<RootProbe>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Gets the signal that also says that a root was lost, by the problem as its reason. */
  readonly work: (signal: AbortSignal) => Promise<T>;
}

/**
 * Runs work on roots while they answer. A call to a network drive that went away can hang for minutes and takes its thread
 * along; so the roots are asked beside the work, and when one is lost the work is told to stop and is waited for no longer:
 * what becomes of it later is dropped. Its writes must bear that (jobs: by their fence).
 * @throws LakesideError what the work throws; ROOT_NOT_MOUNTED, UNC_HOST_NOT_ALLOWED when a root is lost
 */
export async function whileMounted<T>({ roots, probe, clock, signal, work }: MountedWork<T>): Promise<T> {
  const lost = new AbortController();
  const over = new AbortController();
  const working = work(AbortSignal.any([signal, lost.signal])).finally(() => over.abort());
  // It may end long after nobody listens.
  working.catch(() => undefined);
  const watching = firstLost(roots, probe, clock, over.signal).then(async (problem) => {
    if (problem === undefined) return working;
    lost.abort(problem);
    await Promise.race([working.catch(() => undefined), pause(clock, GRACE_MS, over.signal)]);
    throw problem;
  });
  return Promise.race([
    working.catch((error: unknown) => {
      // Told to stop because of the root, it may say so in other words.
      throw lost.signal.aborted ? lost.signal.reason : error;
    }),
    watching,
  ]);
}

/** Why a root is away, as soon as one is; undefined when there is nothing to watch any more. */
async function firstLost(
  roots: readonly RootPlace[],
  probe: (root: RootPlace) => Promise<RootProbe>,
  clock: Clock,
  over: AbortSignal,
): Promise<LakesideError | undefined> {
  for (;;) {
    await pause(clock, LOOK_EVERY_MS, over);
    if (over.aborted) return undefined;
    for (const answer of await Promise.all(roots.map(probe))) if (!answer.mounted) return answer.problem;
  }
}

function pause(clock: Clock, ms: number, over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (over.aborted) {
      resolve();
      return;
    }
    const timer = clock.after(ms, () => {
      over.removeEventListener('abort', onOver);
      resolve();
    });
    const onOver = (): void => {
      timer.dispose();
      resolve();
    };
    over.addEventListener('abort', onOver, { once: true });
  });
}
