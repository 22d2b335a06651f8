import {
  type KeyboardEvent,
  type MouseEvent,
  type ReactElement,
  type Ref,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';

import type { KeptSide } from '../../src/protocol/keptSide.ts';
import { Button } from '../shared/controls.tsx';
import { useRowWindow } from '../shared/useRowWindow.ts';
import { gridAction } from '../shared/gridKeys.ts';
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

/** Heights in CSS pixels; plan.css has the same. */
const ROW_HEIGHT = 24;
const HEAD_HEIGHT = 26;

export function StepGrid(props: StepGridProps): ReactElement {
  const { ref, steps, state, onState, onScroll, target, sides, phase, locked, planSteps } = props;
  const { snapshot, rows } = steps;
  const total = snapshot.total ?? 0;
  const active = Math.max(0, Math.min(state.active, total - 1));
  const [anchor, setAnchor] = useState(active);
  const scroller = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const wantsFocus = useRef(false);

  const view = useRowWindow({
    scroller,
    count: total,
    rowHeight: ROW_HEIGHT,
    headHeight: HEAD_HEIGHT,
    active,
    initialScrollTop: state.scrollTop,
  });
  const { first, last } = view;
  useEffect(() => {
    if (last >= first) rows.want(Math.max(0, first - 50), last + 50);
  }, [rows, first, last]);

  // The keyboard is on the list from the start.
  const begun = useRef(false);
  useLayoutEffect(() => {
    if (begun.current || total === 0) return;
    begun.current = true;
    if (document.activeElement === document.body) focusActive();
  });

  const focusActive = (): void => {
    const row = body.current?.querySelector<HTMLElement>(`[data-index="${active}"]`);
    row?.focus({ preventScroll: true });
  };
  useImperativeHandle(ref, () => ({ focus: focusActive }));

  useLayoutEffect(() => {
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    focusActive();
  });

  const go = (to: number, extend: boolean): void => {
    wantsFocus.current = true;
    if (!extend) setAnchor(to);
    onState({ active: to });
    view.reveal(to);
  };

  const selection = { first: Math.min(anchor, active), last: Math.min(Math.max(anchor, active), total - 1) };

  const onKeyDown = (event: KeyboardEvent): void => {
    const action = gridAction(
      { key: event.key, code: event.code, shiftKey: event.shiftKey, modKey: event.ctrlKey || event.metaKey },
      { active, total, pageRows: view.pageRows },
    );
    if (action === undefined || total === 0) return;
    event.preventDefault();
    switch (action.kind) {
      case 'go':
        go(action.to, action.extend);
        return;
      case 'toggle': {
        const row = snapshot.rowAt(active);
        if (row !== undefined && !locked) steps.tickRange(selection.first, selection.last, !row.ticked);
        return;
      }
      case 'tickAll':
        if (!locked) steps.tickAll(action.ticked);
        return;
      case 'keep':
        if (locked || sides === undefined) return;
        if (action.all) steps.keepAll(action.side);
        else steps.keepRange(selection.first, selection.last, action.side);
        return;
      case 'details':
        onState({ detailsOpen: !state.detailsOpen });
        return;
      case 'escape':
        setAnchor(active);
        onState({ detailsOpen: false });
        return;
    }
  };

  // One function for all rows and all times, so that a row is drawn again only when its own data change.
  const latest = useRef({
    onRow: go,
    onTick: (_index: number, _extend: boolean): void => undefined,
    onKeep: (_index: number, _side: KeptSide): void => undefined,
  });
  latest.current = {
    onRow: go,
    onTick: (index, extend) => {
      const row = snapshot.rowAt(index);
      if (row === undefined || locked) return;
      const first = extend ? Math.min(anchor, index) : index;
      const last = extend ? Math.max(anchor, index) : index;
      steps.tickRange(first, last, !row.ticked);
      wantsFocus.current = true;
      if (!extend) setAnchor(index);
      onState({ active: index });
    },
    onKeep: (index, side) => {
      if (locked) return;
      steps.keepRange(index, index, side);
      go(index, false);
    },
  };
  const onRow = useCallback((index: number, event: MouseEvent) => latest.current.onRow(index, event.shiftKey), []);
  const onTick = useCallback((index: number, event: MouseEvent) => latest.current.onTick(index, event.shiftKey), []);

  const onKeep = useCallback((index: number, side: KeptSide) => latest.current.onKeep(index, side), []);

  const onSort: GridHeadProps['onSort'] = (sort) => {
    const descending = sort === state.sort ? !state.descending : sort === 'size';
    scroller.current?.scrollTo({ top: 0 });
    setAnchor(0);
    onState({ sort, descending, active: 0 });
  };

  return (
    <div
      ref={scroller}
      className={`grid-scroller grid-${phase}${sides === undefined ? '' : ' grid-both'}${snapshot.isStale ? ' grid-stale' : ''}`}
      onScroll={view.look}
      onScrollEnd={(event) => onScroll(event.currentTarget.scrollTop)}
    >
      <div
        className="grid"
        role="grid"
        aria-label="Steps of the plan"
        aria-multiselectable="true"
        aria-rowcount={total + 1}
        aria-colcount={6}
        aria-busy={snapshot.isStale}
      >
        <StepGridHead
          total={total}
          tickedTotal={snapshot.tickedTotal}
          sort={state.sort}
          descending={state.descending}
          target={target}
          sides={sides}
          locked={locked}
          onSort={onSort}
          onTickAll={(ticked) => steps.tickAll(ticked)}
        />
        <div
          ref={body}
          className="grid-body"
          role="rowgroup"
          style={{ height: `${view.height}px` }}
          onKeyDown={onKeyDown}
          onDoubleClick={() => onState({ detailsOpen: true })}
        >
          {view.drawn.map((index) => (
            <StepRow
              key={index}
              index={index}
              top={index * ROW_HEIGHT}
              row={snapshot.rowAt(index)}
              isActive={index === active}
              isSelected={index >= selection.first && index <= selection.last}
              phase={phase}
              locked={locked}
              sides={sides}
              onRow={onRow}
              onTick={onTick}
              onKeep={onKeep}
            />
          ))}
        </div>
      </div>
      {snapshot.error !== undefined && (
        <div className="grid-message" role="alert">
          <p>
            {snapshot.error.message} <code>{snapshot.error.code}</code>
          </p>
          <Button onClick={() => rows.refresh()}>Try again</Button>
        </div>
      )}
      {snapshot.total === 0 && snapshot.error === undefined && planSteps > 0 && (
        <div className="grid-message">
          <p>No step matches the filter.</p>
          <Button onClick={() => onState({ filter: { ...NO_FILTER, ops: [], statuses: [] }, active: 0 })}>
            Clear filter
          </Button>
        </div>
      )}
    </div>
  );
}
