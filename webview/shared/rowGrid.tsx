import {
  type KeyboardEvent,
  type MouseEvent,
  type ReactElement,
  type ReactNode,
  type Ref,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';

import { Button } from './controls.tsx';
import { type GridAction, gridAction } from './gridKeys.ts';
import type { PagedRows, PagedRowsSnapshot } from './pagedRows.ts';
import { useRowWindow } from './useRowWindow.ts';

export interface RowGridHandle {
  /** Gives the keyboard to the active row. */
  focus(): void;
  /** Makes a row the active one, and the only one that is selected. */
  go(index: number): void;
  /** As `go`, for the first row of another list. */
  toTop(): void;
}

/** What a row is told; the functions stay the same ones, so that it is drawn again only when its own data change. */
export interface GridRowPlace {
  readonly index: number;
  readonly isActive: boolean;
  readonly isSelected: boolean;
  readonly onRow: (index: number, event: MouseEvent) => void;
  /** Its tick was pressed. */
  readonly onTick: (index: number, event: MouseEvent) => void;
}

/** Rows, both ends included. */
export interface RowRange {
  readonly first: number;
  readonly last: number;
}

export interface RowGridProps<Row> {
  readonly ref: Ref<RowGridHandle>;
  readonly label: string;
  /** Says how wide its columns are. */
  readonly className: string;
  readonly rows: PagedRows<Row>;
  readonly snapshot: PagedRowsSnapshot<Row>;
  /** The row that the keyboard is on; past the end, the last. */
  readonly active: number;
  readonly onActive: (index: number) => void;
  /** Pixels from the top. */
  readonly initialScrollTop?: number;
  readonly onScrollEnd?: (top: number) => void;
  readonly head: ReactNode;
  readonly drawRow: (place: GridRowPlace) => ReactElement;
  /** Rows are to be ticked or unticked, whichever the row at `index` is not. */
  readonly onToggle: (range: RowRange, index: number) => void;
  /** What else a key asks for. */
  readonly onAction: (action: Exclude<GridAction, { kind: 'go' | 'toggle' }>, selected: RowRange) => void;
  readonly onDoubleClick?: () => void;
  /** Shown where the filter leaves no row. */
  readonly empty: { readonly message: string; readonly onClear: () => void } | undefined;
}

/** Heights in CSS pixels; rowGrid.css has the same. */
const ROW_HEIGHT = 24;
const HEAD_HEIGHT = 26;
/** Rows that are fetched ahead at both ends of the view. */
const AHEAD = 50;

/** A list of any length with ticks, driven by mouse and keyboard; only the rows around the view are in the page. */
export function RowGrid<Row>(props: RowGridProps<Row>): ReactElement {
  const { ref, rows, snapshot, onActive, onToggle, empty } = props;
  const total = snapshot.total ?? 0;
  const active = Math.max(0, Math.min(props.active, total - 1));
  const [anchor, setAnchor] = useState(active);
  const scroller = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const wantsFocus = useRef(false);
  const view = useRowWindow({
    ...{ scroller, count: total, rowHeight: ROW_HEIGHT, headHeight: HEAD_HEIGHT, active },
    initialScrollTop: props.initialScrollTop ?? 0,
  });
  const { first, last } = view;
  useEffect(() => {
    if (last >= first) rows.want(Math.max(0, first - AHEAD), last + AHEAD);
  }, [rows, first, last]);

  const focusActive = (): void => {
    body.current?.querySelector<HTMLElement>(`[data-index="${active}"]`)?.focus({ preventScroll: true });
  };
  const begun = useRef(false);
  useLayoutEffect(() => {
    // The keyboard is on the list from the start.
    const isFirst = total > 0 && !begun.current;
    if (total > 0) begun.current = true;
    if (!wantsFocus.current && !(isFirst && document.activeElement === document.body)) return;
    wantsFocus.current = false;
    focusActive();
  });

  const go = (to: number, extend: boolean): void => {
    wantsFocus.current = true;
    if (!extend) setAnchor(to);
    onActive(to);
    view.reveal(to);
  };
  const selected = { first: Math.min(anchor, active), last: Math.min(Math.max(anchor, active), total - 1) };
  useImperativeHandle(ref, () => ({
    focus: focusActive,
    go: (index) => go(index, false),
    toTop: () => {
      scroller.current?.scrollTo({ top: 0 });
      setAnchor(0);
      onActive(0);
    },
  }));

  const onKeyDown = (event: KeyboardEvent): void => {
    const { key, code, shiftKey } = event;
    const modKey = event.ctrlKey || event.metaKey;
    const action = gridAction({ key, code, shiftKey, modKey }, { active, total, pageRows: view.pageRows });
    if (action === undefined || total === 0) return;
    event.preventDefault();
    if (action.kind === 'go') go(action.to, action.extend);
    else if (action.kind === 'toggle') onToggle(selected, active);
    else {
      if (action.kind === 'escape') setAnchor(active);
      props.onAction(action, selected);
    }
  };

  const tick = (index: number, extend: boolean): void => {
    const range = extend
      ? { first: Math.min(anchor, index), last: Math.max(anchor, index) }
      : { first: index, last: index };
    onToggle(range, index);
    go(index, extend);
  };
  // One function for all rows and all times.
  const latest = useRef({ go, tick });
  latest.current = { go, tick };
  const onRow = useCallback((index: number, event: MouseEvent) => latest.current.go(index, event.shiftKey), []);
  const onTick = useCallback((index: number, event: MouseEvent) => latest.current.tick(index, event.shiftKey), []);

  return (
    <div
      ref={scroller}
      className={`grid-scroller ${props.className}${snapshot.isStale ? ' grid-stale' : ''}`}
      onScroll={view.look}
      onScrollEnd={(event) => props.onScrollEnd?.(event.currentTarget.scrollTop)}
    >
      <div
        role="grid"
        aria-label={props.label}
        aria-multiselectable="true"
        aria-rowcount={total + 1}
        aria-busy={snapshot.isStale}
      >
        <div className="grid-head" role="row" aria-rowindex={1}>
          {props.head}
        </div>
        <div
          ref={body}
          className="grid-body"
          role="rowgroup"
          style={{ height: `${view.height}px` }}
          onKeyDown={onKeyDown}
          onDoubleClick={props.onDoubleClick}
        >
          {view.drawn.map((index) => {
            const isSelected = index >= selected.first && index <= selected.last;
            return props.drawRow({ index, isActive: index === active, isSelected, onRow, onTick });
          })}
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
      {snapshot.total === 0 && snapshot.error === undefined && empty !== undefined && (
        <div className="grid-message">
          <p>{empty.message}</p>
          <Button onClick={empty.onClear}>Clear filter</Button>
        </div>
      )}
    </div>
  );
}

export interface GridRowProps extends Omit<GridRowPlace, 'onTick'> {
  readonly className?: string;
  /** undefined until its page arrives. */
  readonly children: ReactNode;
}

/** The frame of a row; its cells are the caller's. */
export function GridRow({ index, isActive, isSelected, onRow, className = '', children }: GridRowProps): ReactElement {
  return (
    <div
      className={`row${isActive ? ' row-active' : ''}${isSelected ? ' row-selected' : ''} ${className}`}
      role="row"
      data-index={index}
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      tabIndex={isActive ? 0 : -1}
      // Positions are set through the DOM, which the content security policy allows.
      style={{ transform: `translateY(${index * ROW_HEIGHT}px)` }}
      onClick={(event) => onRow(index, event)}
    >
      {children ?? <div role="gridcell" className="cell cell-loading" aria-label="Loading" />}
    </div>
  );
}
