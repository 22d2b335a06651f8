import type { LiveProgress } from '../../protocol/values.ts';
import type { PartRow } from '../../store/runStore.ts';

/** How far a run is, put together from its parts. */
export class RunProgress {
  readonly #total: number;
  readonly #report: (progress: LiveProgress) => void;
  readonly #shares = new Map<number, { readonly share: number; readonly text: string | undefined }>();
  #done: number;

  constructor(parts: readonly Pick<PartRow, 'status'>[], report: (progress: LiveProgress) => void) {
    this.#total = parts.length;
    this.#done = parts.filter(({ status }) => status === 'done').length;
    this.#report = report;
    this.#tell(undefined);
  }

  /** @param share of the part, from 0 to 1 */
  set(part: number, share: number, text: string | undefined): void {
    this.#shares.set(part, { share: Math.min(1, Math.max(0, share)), text });
    this.#tell(part);
  }

  done(part: number): void {
    this.#shares.delete(part);
    this.#done++;
    this.#tell(undefined);
  }

  #share(): number {
    let made = this.#done;
    for (const { share } of this.#shares.values()) made += share;
    return Math.min(1, made / this.#total);
  }

  #tell(part: number | undefined): void {
    const at = part === undefined ? undefined : this.#shares.get(part);
    const which = this.#total > 1 && part !== undefined ? `image ${part}: ` : '';
    const percent = at === undefined || at.share === 0 ? '' : `${Math.round(at.share * 100)} %`;
    const words = [at?.text ?? '', percent].filter((word) => word !== '').join(', ');
    this.#report({
      ...(words === '' ? {} : { text: `${which}${words}` }),
      doneItems: this.#done,
      totalItems: this.#total,
      doneBytes: 0,
      totalBytes: null,
      ...(this.#total === 0 ? {} : { share: this.#share() }),
    });
  }
}
