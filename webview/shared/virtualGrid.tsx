import {
  type MouseEvent,
  type ReactElement,
  type Ref,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';

import { gridLayout, type GridLayout, scrollTopAfter } from './gridLayout.ts';
import { useElementSize } from './useElementSize.ts';

export interface VirtualGridHandle {
  /** Puts the keyboard on the active cell. */
  focus(): void;
  /** Brings a cell into view, and the keyboard on it as soon as it is the active one. */
  reveal(index: number, focus: boolean): void;
}

export interface VirtualGridProps {
  readonly ref: Ref<VirtualGridHandle>;
  /** Read aloud as the name of the grid. */
  readonly label: string;
  readonly count: number;
  /** The cell the keyboard is on; stays in the page when it is scrolled away, or the focus would be lost. */
  readonly active: number;
  /** CSS pixels: what a cell should be at least, and what it has below its square picture. */
  readonly cellWidth: number;
  readonly footHeight: number;
  readonly busy: boolean;
  readonly initialScrollTop: number;
  /** A cell with `role="gridcell"`, its `data-index` and `aria-colindex`; should be memoised. */
  readonly cell: (index: number, column: number) => ReactElement;
  /** The cells in view, both ends included: at once while scrolling on, after a rest when flung elsewhere. */
  readonly onWindow: (first: number, last: number) => void;
  /** Columns there are, and rows that fit the view. */
  readonly onLayout: (columns: number, pageRows: number) => void;
  /** Where a scroll came to rest, in pixels from the top. */
  readonly onScroll: (top: number) => void;
  /** A mouse event on the cell of this index. */
  readonly onClick: (index: number, event: MouseEvent) => void;
  readonly onDoubleClick: (index: number, event: MouseEvent) => void;
  readonly onContextMenu: (index: number, event: MouseEvent) => void;
}

const GAP = 8;
/** Rows drawn ahead at both ends of the view. */
const OVERSCAN = 2;
/** How long a window that has nothing in common with the one before must rest until it counts. */
const REST_MS = 70;

/**
 * Cells of equal size in as many columns as fit, of which only those around the view are in the page. Where all rows are
 * of one height, which of them are in view is a division: that needs none of a library's measuring.
 */
export function VirtualGrid(props: VirtualGridProps): ReactElement {
  const { ref, label, count, active, cellWidth, footHeight, busy, initialScrollTop, cell } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const size = useElementSize(scroller);
  const layout = useMemo(
    () => gridLayout({ width: size.width, cellWidth, footHeight, gap: GAP }),
    [size.width, cellWidth, footHeight],
  );
  const { columns, rowHeight } = layout;
  const rows = size.width === 0 ? 0 : Math.ceil(count / columns);
  const activeRow = Math.floor(active / columns);

  // The state is the first row rather than pixels: most frames of a scroll then draw nothing.
  const [firstRow, setFirstRow] = useState(0);
  const look = (): void => {
    const top = scroller.current?.scrollTop ?? 0;
    setFirstRow(Math.max(0, Math.floor((top - GAP) / rowHeight)));
  };
  const first = Math.min(firstRow, Math.max(0, rows - 1));
  const last = Math.min(rows - 1, first + Math.ceil(size.height / rowHeight));
  const drawn = drawnRows(first, last, rows, activeRow);

  // While the page loads there is nothing to scroll over yet: the place kept from before waits for the first rows.
  const restored = useRef(false);
  const laidOut = useRef<GridLayout>(undefined);
  useLayoutEffect(() => {
    const element = scroller.current;
    const before = laidOut.current;
    if (element === null || rows === 0) return;
    laidOut.current = layout;
    if (!restored.current) {
      restored.current = true;
      element.scrollTop = initialScrollTop;
    } else if (before !== undefined && before !== layout) {
      element.scrollTop = scrollTopAfter(element.scrollTop, before, layout);
    }
    look();
  });

  const { onLayout } = props;
  const pageRows = Math.max(1, Math.floor((size.height - GAP) / rowHeight));
  useEffect(() => onLayout(columns, pageRows), [onLayout, columns, pageRows]);

  useWindow(first * columns, Math.min(count, (last + 1) * columns) - 1, rows > 0, props.onWindow);

  const wantsFocus = useRef(false);
  const focusActive = (): boolean => {
    const element = scroller.current?.querySelector<HTMLElement>(`[data-index="${active}"]`);
    element?.focus({ preventScroll: true });
    return element !== null && element !== undefined;
  };
  useLayoutEffect(() => {
    if (wantsFocus.current && focusActive()) wantsFocus.current = false;
  });
  useImperativeHandle(ref, () => ({
    focus: () => {
      wantsFocus.current = !focusActive();
    },
    reveal: (index, focus) => {
      if (focus) wantsFocus.current = true;
      const element = scroller.current;
      if (element === null) return;
      const top = Math.floor(index / columns) * rowHeight;
      if (top < element.scrollTop) element.scrollTop = top;
      else {
        const bottom = top + rowHeight + GAP - element.clientHeight;
        if (bottom > element.scrollTop) element.scrollTop = bottom;
      }
      look();
    },
  }));

  const onCell = (event: MouseEvent, then: (index: number, event: MouseEvent) => void): void => {
    const element = event.target instanceof Element ? event.target.closest('[data-index]') : null;
    if (element !== null) then(Number(element.getAttribute('data-index')), event);
  };

  return (
    <div
      ref={scroller}
      className="vgrid"
      onScroll={look}
      onScrollEnd={(event) => props.onScroll(event.currentTarget.scrollTop)}
    >
      <div
        className="vgrid-body"
        role="grid"
        aria-label={label}
        aria-multiselectable="true"
        aria-rowcount={rows}
        aria-colcount={columns}
        aria-busy={busy}
        style={{ height: `${GAP + rows * rowHeight}px` }}
        onClick={(event) => onCell(event, props.onClick)}
        onDoubleClick={(event) => onCell(event, props.onDoubleClick)}
        onContextMenu={(event) => onCell(event, props.onContextMenu)}
      >
        {drawn.map((row) => (
          <div
            key={row}
            className="vgrid-row"
            role="row"
            aria-rowindex={row + 1}
            // Positions are set through the DOM, which the content security policy allows.
            style={{
              transform: `translateY(${GAP + row * rowHeight}px)`,
              height: `${rowHeight - GAP}px`,
              gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
            }}
          >
            {Array.from({ length: Math.max(0, Math.min(columns, count - row * columns)) }, (_, column) =>
              cell(row * columns + column, column),
            )}
          </div>
        ))}
      </div>
    </div>
  );
}

/** The rows in view, some at both ends, and the one the keyboard is on. */
function drawnRows(first: number, last: number, rows: number, activeRow: number): number[] {
  const from = Math.max(0, first - OVERSCAN);
  const to = Math.min(rows - 1, last + OVERSCAN);
  const drawn = Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);
  if (activeRow < from && activeRow < rows) return [activeRow, ...drawn];
  return activeRow > to && activeRow < rows ? [...drawn, activeRow] : drawn;
}

/** Tells of the cells in view. Flung past without a stop, they are nobody's wish. */
function useWindow(first: number, last: number, known: boolean, tell: (first: number, last: number) => void): void {
  const told = useRef<{ first: number; last: number }>(undefined);
  // Before the page is drawn, so that the pictures are on their way a frame earlier.
  useLayoutEffect(() => {
    if (!known) return undefined;
    const before = told.current;
    const now = (): void => {
      told.current = { first, last };
      tell(first, last);
    };
    if (before === undefined || (first <= before.last && last >= before.first)) {
      now();
      return undefined;
    }
    const timer = window.setTimeout(now, REST_MS);
    return () => window.clearTimeout(timer);
  }, [first, last, known, tell]);
}
