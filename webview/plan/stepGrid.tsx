import { type ReactElement, type Ref, useCallback, useImperativeHandle, useRef } from 'react';

import type { KeptSide } from '../../src/protocol/keptSide.ts';
import { RowGrid, type RowGridHandle, type RowGridProps } from '../shared/rowGrid.tsx';
import type { PlanRow } from '../../src/protocol/contracts/plans.ts';
import type { GridState } from './gridState.ts';
import { type GridHeadProps, StepGridHead } from './stepGridHead.tsx';
import type { TwoSides } from './planKinds.ts';
import { NO_FILTER, type PlanPhase } from './planModel.ts';
import { StepRow } from './stepRow.tsx';
import type { GridHandle, StepRows } from './useStepRows.ts';

export interface StepGridProps {
  readonly ref: Ref<GridHandle>;
  readonly steps: StepRows;
  readonly state: GridState;
  readonly onState: (change: Partial<GridState>) => void;
  /** Where a scroll came to rest, in pixels from the top. */
  readonly onScroll: (top: number) => void;
  /** Name of the root that is written to. */
  readonly target: string;
  /** Of a plan both ways, which has conflicts to decide. */
  readonly sides: TwoSides | undefined;
  readonly phase: PlanPhase;
  /** True while an apply runs: its ticks are sealed. */
  readonly locked: boolean;
  readonly planSteps: number;
}

export function StepGrid(props: StepGridProps): ReactElement {
  const { ref, steps, state, onState, onScroll, target, sides, phase, locked, planSteps } = props;
  const { snapshot, rows } = steps;
  const grid = useRef<RowGridHandle>(null);
  useImperativeHandle(ref, () => ({ focus: () => grid.current?.focus() }));

  const onToggle: RowGridProps<PlanRow>['onToggle'] = ({ first, last }, index) => {
    const row = snapshot.rowAt(index);
    if (row !== undefined && !locked) steps.tickRange(first, last, !row.ticked);
  };
  const onAction: RowGridProps<PlanRow>['onAction'] = (action, selected) => {
    switch (action.kind) {
      case 'tickAll':
        if (!locked) steps.tickAll(action.ticked);
        return;
      case 'keep':
        if (locked || sides === undefined) return;
        if (action.all) steps.keepAll(action.side);
        else steps.keepRange(selected.first, selected.last, action.side);
        return;
      case 'details':
        onState({ detailsOpen: !state.detailsOpen });
        return;
      case 'escape':
        onState({ detailsOpen: false });
        return;
    }
  };

  const keep = (index: number, side: KeptSide): void => {
    if (locked) return;
    steps.keepRange(index, index, side);
    grid.current?.go(index);
  };
  const latestKeep = useRef(keep);
  latestKeep.current = keep;
  const onKeep = useCallback((index: number, side: KeptSide) => latestKeep.current(index, side), []);

  const onSort: GridHeadProps['onSort'] = (sort) => {
    const descending = sort === state.sort ? !state.descending : sort === 'size';
    grid.current?.toTop();
    onState({ sort, descending, active: 0 });
  };

  return (
    <RowGrid
      ref={grid}
      label="Steps of the plan"
      className={`grid-${phase}${sides === undefined ? '' : ' grid-both'}`}
      rows={rows}
      snapshot={snapshot}
      active={state.active}
      onActive={(active) => onState({ active })}
      initialScrollTop={state.scrollTop}
      onScrollEnd={onScroll}
      head={
        <StepGridHead
          total={snapshot.total ?? 0}
          tickedTotal={snapshot.tickedTotal}
          sort={state.sort}
          descending={state.descending}
          target={target}
          sides={sides}
          locked={locked}
          onSort={onSort}
          onTickAll={(ticked) => steps.tickAll(ticked)}
        />
      }
      drawRow={(place) => (
        <StepRow
          key={place.index}
          {...place}
          row={snapshot.rowAt(place.index)}
          phase={phase}
          locked={locked}
          sides={sides}
          onKeep={onKeep}
        />
      )}
      onToggle={onToggle}
      onAction={onAction}
      onDoubleClick={() => onState({ detailsOpen: true })}
      empty={
        planSteps === 0
          ? undefined
          : {
              message: 'No step matches the filter.',
              onClear: () => onState({ filter: { ...NO_FILTER, ops: [], statuses: [] }, active: 0 }),
            }
      }
    />
  );
}
