import { memo, type ReactElement, type Ref, useState } from 'react';

import { formatBytes } from '../../src/base/format.ts';
import { rootTitle } from '../../src/base/rootTitle.ts';
import type { TrashEntry } from '../../src/protocol/contracts/trash.ts';
import { FilePath } from '../shared/filePath.tsx';
import { formatExactBytes, formatExactTime, formatTime } from '../shared/formatting.ts';
import type { PagedRows, PagedRowsSnapshot } from '../shared/pagedRows.ts';
import { GridRow, type GridRowPlace, RowGrid, type RowGridHandle } from '../shared/rowGrid.tsx';
import { Tick } from '../shared/tick.tsx';
import { keyOf, type Ticked } from './trashModel.ts';
import type { TrashStore } from './trashStore.ts';

export interface TrashGridProps {
  readonly ref: Ref<RowGridHandle>;
  readonly rows: PagedRows<TrashEntry>;
  readonly snapshot: PagedRowsSnapshot<TrashEntry>;
  readonly ticked: Ticked;
  readonly showsRoot: boolean;
  readonly store: TrashStore;
}

export function TrashGrid({ ref, rows, snapshot, ticked, showsRoot, store }: TrashGridProps): ReactElement {
  const total = snapshot.total ?? 0;
  const [active, setActive] = useState(0);
  const tickRange = (from: number, to: number, value: boolean): void => {
    const known = Array.from({ length: to - from + 1 }, (_, at) => snapshot.rowAt(from + at));
    if (known.every((entry) => entry !== undefined)) store.tick(known, value);
    else void store.tickRange(from, to, value);
  };
  const isTicked = (index: number): boolean => {
    const entry = snapshot.rowAt(index);
    return entry !== undefined && ticked.has(keyOf(entry));
  };
  const tickAll = (value: boolean): void => {
    if (value) void store.tickRange(0, total - 1, true);
    else store.untickAll();
  };
  const tickState = ticked.size === 0 ? 'off' : ticked.size >= total ? 'on' : 'mixed';
  return (
    <RowGrid
      ref={ref}
      label="Files in the trash"
      className={showsRoot ? 'shows-root' : ''}
      rows={rows}
      snapshot={snapshot}
      active={active}
      onActive={setActive}
      head={
        <>
          <div role="columnheader" className="cell cell-tick">
            <Tick
              state={tickState}
              label="All files shown"
              title={tickState === 'on' ? 'Untick all' : 'Tick all files shown'}
              tabIndex={0}
              onToggle={() => tickAll(tickState !== 'on')}
            />
          </div>
          <div role="columnheader" className="cell">
            Was at
          </div>
          {showsRoot && (
            <div role="columnheader" className="cell">
              In
            </div>
          )}
          <div role="columnheader" className="cell cell-size">
            Size
          </div>
          <div role="columnheader" className="cell cell-when" aria-sort="descending">
            Deleted
          </div>
        </>
      }
      drawRow={(place) => (
        <TrashRow
          key={place.index}
          {...place}
          entry={snapshot.rowAt(place.index)}
          isTicked={isTicked(place.index)}
          showsRoot={showsRoot}
        />
      )}
      onToggle={({ first, last }, index) => tickRange(first, last, !isTicked(index))}
      onAction={(action) => {
        if (action.kind === 'tickAll') tickAll(action.ticked);
        else if (action.kind === 'escape') store.untickAll();
      }}
      empty={{ message: 'Nothing in the trash matches the filter.', onClear: () => store.filter('') }}
    />
  );
}

interface TrashRowProps extends GridRowPlace {
  readonly entry: TrashEntry | undefined;
  readonly isTicked: boolean;
  readonly showsRoot: boolean;
}

const TrashRow = memo(function TrashRow(props: TrashRowProps): ReactElement {
  const { index, entry, isActive, isSelected, isTicked, showsRoot, onRow, onTick } = props;
  return (
    <GridRow {...{ index, isActive, isSelected, onRow }}>
      {entry && (
        <>
          <div role="gridcell" className="cell cell-tick">
            <Tick
              state={isTicked ? 'on' : 'off'}
              label={entry.path}
              tabIndex={-1}
              onToggle={(event) => onTick(index, event)}
            />
          </div>
          <div role="gridcell" className="cell cell-path" title={entry.path}>
            <FilePath path={entry.path} />
            {entry.lastCopy && (
              <span className="last-copy" title="No other folder that Lakeside knows holds this content">
                last copy
              </span>
            )}
          </div>
          {showsRoot && (
            <div role="gridcell" className="cell dim">
              {rootTitle(entry.root)}
            </div>
          )}
          <div role="gridcell" className="cell cell-size" title={formatExactBytes(entry.size)}>
            {formatBytes(entry.size)}
          </div>
          <div role="gridcell" className="cell cell-when dim" title={formatExactTime(entry.trashedAt)}>
            {formatTime(entry.trashedAt)}
          </div>
        </>
      )}
    </GridRow>
  );
});
