import * as z from 'zod';

import { planOpSchema, stepStatusSchema } from '../../src/protocol/values.ts';
import { panelState } from '../shared/host.ts';

/** What the panel keeps while it is hidden: VS Code tears the page down then. */
const gridStateSchema = z.object({
  filter: z.object({
    ops: z.array(planOpSchema),
    statuses: z.array(stepStatusSchema),
    text: z.string(),
    undecided: z.boolean(),
  }),
  sort: z.enum(['path', 'op', 'size', 'status']),
  descending: z.boolean(),
  /** Index of the row the keyboard is on. */
  active: z.int().nonnegative(),
  scrollTop: z.number().nonnegative(),
  detailsOpen: z.boolean(),
});
export type GridState = Readonly<z.infer<typeof gridStateSchema>>;
export type SortColumn = GridState['sort'];

const initial: GridState = {
  filter: { ops: [], statuses: [], text: '', undecided: false },
  sort: 'path',
  descending: false,
  active: 0,
  scrollTop: 0,
  detailsOpen: false,
};

export function loadGridState(): GridState {
  const kept = gridStateSchema.safeParse(panelState.get());
  return kept.success ? kept.data : initial;
}

export function keepGridState(state: GridState): void {
  panelState.set(state);
}
