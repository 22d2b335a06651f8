/** How cells of equal size fill a width. All in CSS pixels. */
export interface GridLayout {
  readonly columns: number;
  /** Width of a cell; its picture is as high. */
  readonly cellWidth: number;
  /** From the top of one row of cells to the top of the next. */
  readonly rowHeight: number;
}

export interface GridMeasures {
  /** Of the whole grid, without its scroll bar. */
  readonly width: number;
  /** What a cell should be at least. */
  readonly cellWidth: number;
  /** What a cell has below its square picture. */
  readonly footHeight: number;
  readonly gap: number;
}

/** At least two columns: a single one of 100,000 cells would be taller than browsers can scroll. */
const LEAST_COLUMNS = 2;

export function gridLayout({ width, cellWidth, footHeight, gap }: GridMeasures): GridLayout {
  const inner = Math.max(0, width - gap);
  const columns = Math.max(LEAST_COLUMNS, Math.floor(inner / (cellWidth + gap)));
  const actual = Math.max(1, Math.floor(inner / columns) - gap);
  return { columns, cellWidth: actual, rowHeight: actual + footHeight + gap };
}

/** Where a grid must be scrolled to so that its first visible cell stays that after a change of layout. */
export function scrollTopAfter(scrollTop: number, before: GridLayout, after: GridLayout): number {
  const row = scrollTop / before.rowHeight;
  const firstCell = Math.floor(row) * before.columns;
  const fraction = row - Math.floor(row);
  return (Math.floor(firstCell / after.columns) + fraction) * after.rowHeight;
}
