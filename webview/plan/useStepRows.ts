import { type RefObject, useMemo, useRef } from 'react';

import type { PlanRow } from '../../src/protocol/contracts/plans.ts';
import { type KeptSide, keptSide } from '../../src/protocol/keptSide.ts';
import type { FetchPage, PagedRows, PagedRowsSnapshot } from '../shared/pagedRows.ts';
import { usePagedRows } from '../shared/usePagedRows.ts';
import { useSettled } from '../shared/useSettled.ts';
import type { GridState } from './gridState.ts';
import { toPlanFilter } from './planModel.ts';
import type { PlanRemote, PlanStore } from './planStore.ts';

/** Typing settles before the list is asked for anew. */
const TYPING_MS = 120;
const RANGE_PAGE = 2_000;

export interface GridHandle {
  focus(): void;
}

export interface StepRows {
  readonly rows: PagedRows<PlanRow>;
  readonly snapshot: PagedRowsSnapshot<PlanRow>;
  readonly grid: RefObject<GridHandle | null>;
  focusGrid(): void;
  /** Ticks or unticks the rows from `first` to `last`, as shown, both included. */
  tickRange(first: number, last: number, ticked: boolean): void;
  /** Ticks or unticks all that the filter shows. */
  tickAll(ticked: boolean): void;
  /** Decides the conflicts among the rows from `first` to `last`, as shown, both included. */
  keepRange(first: number, last: number, side: KeptSide): void;
  /** Decides all conflicts that the filter shows. */
  keepAll(side: KeptSide): void;
}

/** The steps that filter and sort show, and the ticking of them. */
export function useStepRows(
  remote: PlanRemote,
  store: PlanStore,
  plan: string | undefined,
  grid: GridState,
  revision: number,
): StepRows {
  const text = useSettled(grid.filter.text, TYPING_MS);
  const { sort, descending } = grid;
  const { ops, statuses, undecided } = grid.filter;
  const query = useMemo(
    () =>
      plan === undefined
        ? undefined
        : { plan, filter: toPlanFilter({ ops, statuses, text, undecided }), sort, descending },
    [plan, ops, statuses, text, undecided, sort, descending],
  );
  const fetchPage = useMemo<FetchPage<PlanRow> | undefined>(
    () => query && ((offset, limit, signal) => remote.request('plans.page', { ...query, offset, limit }, { signal })),
    [remote, query],
  );
  const { rows, snapshot } = usePagedRows(fetchPage, revision);
  const handle = useRef<GridHandle>(null);

  /** Numbers of the steps in the range that are to change; what was never on screen is fetched. */
  async function stepsToChange(first: number, last: number, isToChange: (row: PlanRow) => boolean): Promise<number[]> {
    if (query === undefined) return [];
    const steps: number[] = [];
    for (let index = first; index <= last;) {
      const row = rows.getSnapshot().rowAt(index);
      const found =
        row === undefined
          ? (
              await remote.request('plans.page', {
                ...query,
                offset: index,
                limit: Math.min(RANGE_PAGE, last - index + 1),
              })
            ).items
          : [row];
      if (found.length === 0) break;
      for (const each of found) if (isToChange(each)) steps.push(each.step);
      index += found.length;
    }
    return steps;
  }

  return {
    rows,
    snapshot,
    grid: handle,
    focusGrid: () => handle.current?.focus(),
    tickRange(first, last, ticked) {
      store.ask(async () => {
        // A conflict is no step before it is decided.
        const isToChange = (row: PlanRow): boolean => row.ticked !== ticked && row.direction !== 'undecided';
        const steps = await stepsToChange(first, last, isToChange);
        if (steps.length === 0) return;
        const { tickedTotal } = rows.getSnapshot();
        rows.patch(
          (row, index) => (index >= first && index <= last && row.direction !== 'undecided' ? { ...row, ticked } : row),
          tickedTotal === undefined ? undefined : tickedTotal + (ticked ? steps.length : -steps.length),
        );
        await store.tick(ticked, { steps });
      });
    },
    tickAll(ticked) {
      if (query === undefined) return;
      rows.patch(
        (row) => (row.direction === 'undecided' ? row : { ...row, ticked }),
        ticked ? (snapshot.total ?? undefined) : 0,
      );
      void store.tick(ticked, { filter: query.filter });
    },
    keepRange(first, last, side) {
      store.ask(async () => {
        const isToChange = (row: PlanRow): boolean => {
          const kept = keptSide(row);
          return kept !== undefined && kept !== side;
        };
        const steps = await stepsToChange(first, last, isToChange);
        if (steps.length > 0) await store.resolve(side, { steps });
      });
    },
    keepAll(side) {
      if (query !== undefined) void store.resolve(side, { filter: query.filter });
    },
  };
}
