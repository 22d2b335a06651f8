import { type RefObject, useLayoutEffect, useRef, useState } from 'react';

import { useElementSize } from './useElementSize.ts';

export interface RowWindowOptions {
  readonly scroller: RefObject<HTMLElement | null>;
  readonly count: number;
  /** Of every row, and of what stands fast above them, in CSS pixels. */
  readonly rowHeight: number;
  readonly headHeight: number;
  /** The row the keyboard is on; stays in the page when it is scrolled away, or the focus would be lost. */
  readonly active: number;
  /** Where the list was scrolled to before, in pixels; waits for the first rows. */
  readonly initialScrollTop: number;
}

export interface RowWindow {
  /** The rows to draw, rising. */
  readonly drawn: readonly number[];
  /** The rows in view, both ends included; last < first where there is none. */
  readonly first: number;
  readonly last: number;
  /** Of all rows together, in pixels. */
  readonly height: number;
  /** Rows that fit the view below what stands fast. */
  readonly pageRows: number;
  /** To be called whenever the scroller has scrolled. */
  readonly look: () => void;
  /** Scrolls as little as brings a row into view. */
  readonly reveal: (index: number) => void;
}

/** Rows drawn ahead at both ends of the view. */
const OVERSCAN = 12;

/** Which rows of equal height are in view: a division, which needs none of a library's measuring. */
export function useRowWindow(options: RowWindowOptions): RowWindow {
  const { scroller, count, rowHeight, headHeight, active, initialScrollTop } = options;
  const { height } = useElementSize(scroller);
  // The state is the first row rather than pixels: most frames of a scroll then draw nothing.
  const [firstRow, setFirstRow] = useState(() => Math.floor(initialScrollTop / rowHeight));
  const look = (): void => setFirstRow(Math.floor((scroller.current?.scrollTop ?? 0) / rowHeight));
  const pageRows = Math.max(1, Math.floor((height - headHeight) / rowHeight));
  const first = Math.max(0, Math.min(firstRow, count - pageRows));
  const last = Math.min(count - 1, first + pageRows + 1);

  const restored = useRef(false);
  useLayoutEffect(() => {
    if (restored.current || count === 0 || scroller.current === null) return;
    restored.current = true;
    scroller.current.scrollTop = initialScrollTop;
    look();
  });

  return {
    drawn: drawnRows(first, last, count, active),
    first,
    last,
    height: count * rowHeight,
    pageRows,
    look,
    reveal(index) {
      const element = scroller.current;
      if (element === null) return;
      const top = index * rowHeight;
      const bottom = top + rowHeight + headHeight - element.clientHeight;
      if (top < element.scrollTop) element.scrollTop = top;
      else if (bottom > element.scrollTop) element.scrollTop = bottom;
      look();
    },
  };
}

function drawnRows(first: number, last: number, count: number, active: number): number[] {
  const from = Math.max(0, first - OVERSCAN);
  const to = Math.min(count - 1, last + OVERSCAN);
  const drawn = Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);
  if (active < from && active < count) return [active, ...drawn];
  return active > to && active < count ? [...drawn, active] : drawn;
}
