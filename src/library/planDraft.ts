import type { PlanHeader, PlanItem } from '../protocol/planFile.ts';
import { addToSummary, emptyPlanSummary, replacesFile } from '../protocol/planTotals.ts';
import type { PlanStore } from '../store/planStore.ts';
import { PlanSealer, type PlanPreamble } from './planSeal.ts';

const ITEMS_A_TRANSACTION = 1_000;

/** Brings items into the store as they come, a thousand a transaction; the plan is seen only once it is finished. */
export class PlanDraft {
  readonly #store: PlanStore;
  readonly #key: number;
  #waiting: PlanItem[] = [];
  #added = 0;
  #replaces = 0;

  private constructor(store: PlanStore, key: number) {
    this.#store = store;
    this.#key = key;
  }

  static async begin(store: PlanStore, id: string, path?: string): Promise<PlanDraft> {
    return new PlanDraft(store, await store.begin(id, path));
  }

  async add(item: PlanItem): Promise<void> {
    this.#waiting.push(item);
    if (replacesFile(item)) this.#replaces++;
    if (this.#waiting.length >= ITEMS_A_TRANSACTION) await this.#flush();
  }

  async finish(header: PlanHeader): Promise<void> {
    await this.#flush();
    await this.#store.finish(this.#key, header, this.#replaces);
  }

  /** Leaves nothing of the draft behind. */
  async discard(): Promise<void> {
    await this.#store.remove(this.#key);
  }

  async #flush(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const items = this.#waiting;
    this.#waiting = [];
    await this.#store.addItems(this.#key, this.#added, items);
    this.#added += items.length;
  }
}

/** Makes a sealed plan in the store of items that are sorted by path. */
export async function createPlan(options: {
  readonly store: PlanStore;
  /** The new plan's id, unique in the store. */
  readonly id: string;
  readonly preamble: PlanPreamble;
  readonly items: Iterable<PlanItem>;
}): Promise<PlanHeader> {
  const { store, id, preamble, items } = options;
  const draft = await PlanDraft.begin(store, id);
  try {
    const sealer = new PlanSealer(preamble);
    const summary = emptyPlanSummary();
    for (const item of items) {
      sealer.add(item);
      addToSummary(summary, item);
      await draft.add(item);
    }
    const header: PlanHeader = { ...preamble, summary, seal: sealer.seal(summary) };
    await draft.finish(header);
    return header;
  } catch (error) {
    await draft.discard();
    throw error;
  }
}
