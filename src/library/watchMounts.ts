import type { Clock } from '../base/clock.ts';
import { type Disposable, toDisposable } from '../base/disposables.ts';
import type { RootPlace, RootProbe } from './probeRoot.ts';

/** With the ten seconds a probe may take, a lost drive is noticed within 15 s. */
const LOOK_EVERY_MS = 4_000;

export interface MountWatch {
  readonly roots: () => readonly RootPlace[];
  /** Whether a root is mounted; answers within ten seconds. */
  readonly probe: (root: RootPlace) => Promise<RootProbe>;
  readonly clock: Clock;
  /** A root came or went since the look before. */
  readonly onChange: () => void;
  readonly onError: (error: unknown) => void;
}

/** Looks now and then whether roots came or went, so that views show it though nobody touched them, and jobs go on. */
export function watchMounts({ roots, probe, clock, onChange, onError }: MountWatch): Disposable {
  let disposed = false;
  let known = new Map<string, boolean>();

  async function look(): Promise<void> {
    const places = roots();
    const probes = await Promise.all(places.map(probe));
    const now = new Map(places.map(({ id }, index) => [id, probes[index]?.mounted === true] as const));
    const differs = [...now].some(([id, mounted]) => known.has(id) && known.get(id) !== mounted);
    known = now;
    if (differs && !disposed) onChange();
  }

  function later(): Disposable {
    return clock.after(LOOK_EVERY_MS, () => {
      look()
        .catch((error: unknown) => disposed || onError(error))
        .finally(() => {
          if (!disposed) timer = later();
        });
    });
  }
  let timer = later();
  return toDisposable(() => {
    disposed = true;
    timer.dispose();
  });
}
