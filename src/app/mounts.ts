import type { Clock } from '../base/clock.ts';
import { probeRoot, type RootPlace, type RootProbe } from '../library/probeRoot.ts';

const FRESH_MS = 1_000;

/** Whether roots are mounted, asked at most once a second each: every view and every claim wants to know. */
export class Mounts {
  readonly #clock: Clock;
  readonly #probes = new Map<string, { readonly at: number; readonly probe: Promise<RootProbe> }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  probe(root: RootPlace): Promise<RootProbe> {
    const key = `${root.id}\0${root.path}`;
    const known = this.#probes.get(key);
    if (known !== undefined && this.#clock.now() - known.at < FRESH_MS) return known.probe;
    const probe = probeRoot(root, this.#clock);
    this.#probes.set(key, { at: this.#clock.now(), probe });
    return probe;
  }

  /** Throws why the root is not mounted. Always asks anew: something is about to be done there. */
  async require(root: RootPlace): Promise<{ readonly readOnly: boolean }> {
    this.forget();
    const probe = await this.probe(root);
    if (!probe.mounted) throw probe.problem;
    return { readOnly: probe.readOnly };
  }

  forget(): void {
    this.#probes.clear();
  }
}
