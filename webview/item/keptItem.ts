import * as z from 'zod';

import { generationSchema, longText } from '../../src/protocol/studioValues.ts';

/**
 * What the editor keeps while it is hidden, since VS Code tears the page down then, and across a restart: which work item
 * it shows, and what was typed and not saved yet.
 */
const keptItemSchema = z.object({
  item: z.string(),
  unsaved: z.object({ brief: longText, draft: generationSchema.partial() }).optional(),
  /** Instructions that are being written, by scope. */
  instructions: z.record(z.string(), longText).default({}),
  /** The seed that an unlocked dice shows. */
  seed: z.int().nonnegative().optional(),
  /** Sections that were opened or closed by hand. */
  open: z.record(z.string(), z.boolean()).default({}),
  scrollTop: z.number().nonnegative().default(0),
});
export type KeptItem = Readonly<z.infer<typeof keptItemSchema>>;

/** The door to what is kept. */
export interface KeptState {
  get(): unknown;
  set(state: unknown): void;
}

/** Remembers for one work item; what another one left is not touched by mistake. */
export class ItemMemory {
  readonly #state: KeptState;
  #kept: KeptItem;

  constructor(item: string, state: KeptState) {
    this.#state = state;
    const kept = keptItemSchema.safeParse(state.get());
    const isOurs = kept.success && kept.data.item === item;
    this.#kept = isOurs ? kept.data : { item, instructions: {}, open: {}, scrollTop: 0 };
    state.set(this.#kept);
  }

  get kept(): KeptItem {
    return this.#kept;
  }

  keep(change: Partial<Omit<KeptItem, 'item'>>): void {
    this.#kept = { ...this.#kept, ...change };
    this.#state.set(this.#kept);
  }
}
