import {
  type KeyboardEvent,
  memo,
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

import { formatBytes } from '../../src/base/format.ts';
import { baseName, parentFolder } from '../../src/base/relpath.ts';
import { rootTitle } from '../../src/base/rootTitle.ts';
import type { TrashEntry } from '../../src/protocol/contracts/trash.ts';
import { Button } from '../shared/controls.tsx';
import { formatExactBytes, formatExactTime, formatTime } from '../shared/formatting.ts';
import { gridAction } from '../shared/gridKeys.ts';
import type { PagedRows, PagedRowsSnapshot } from '../shared/pagedRows.ts';
import { Tick } from '../shared/tick.tsx';
import { useRowWindow } from '../shared/useRowWindow.ts';
import { keyOf, type Ticked } from './trashModel.ts';
import type { TrashStore } from './trashStore.ts';

export interface TrashGridHandle {
  focus(): void;
}

export interface TrashGridProps {
  readonly ref: Ref<TrashGridHandle>;
  readonly rows: PagedRows<TrashEntry>;
  readonly snapshot: PagedRowsSnapshot<TrashEntry>;
  readonly ticked: Ticked;
  readonly showsRoot: boolean;
  readonly store: TrashStore;
}

/** Heights in CSS pixels; trash.css has the same. */
const ROW_HEIGHT = 24;
const HEAD_HEIGHT = 26;

export function TrashGrid(props: TrashGridProps): ReactElement {
  const { ref, rows, snapshot, ticked, showsRoot, store } = props;
  const total = snapshot.total ?? 0;
  const [place, setPlace] = useState({ active: 0, anchor: 0 });
  const active = Math.max(0, Math.min(place.active, total - 1));
  const selection = {
    first: Math.min(place.anchor, active),
    last: Math.max(Math.min(place.anchor, total - 1), active),
  };
  const scroller = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const wantsFocus = useRef(false);
  const view = useRowWindow({
    ...{ scroller, count: total, rowHeight: ROW_HEIGHT, headHeight: HEAD_HEIGHT, active },
    initialScrollTop: 0,
  });
  const { first, last } = view;
  useEffect(() => {
    if (last >= first) rows.want(Math.max(0, first - 50), last + 50);
  }, [rows, first, last]);

  const focusActive = (): void => {
    body.current?.querySelector<HTMLElement>(`[data-index="${active}"]`)?.focus({ preventScroll: true });
  };
  useImperativeHandle(ref, () => ({ focus: focusActive }));
  const begun = useRef(false);
  useLayoutEffect(() => {
    if (total > 0 && !begun.current && document.activeElement === document.body) focusActive();
    if (total > 0) begun.current = true;
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    focusActive();
  });

  const go = (to: number, extend: boolean): void => {
    wantsFocus.current = true;
    setPlace({ active: to, anchor: extend ? place.anchor : to });
    view.reveal(to);
  };
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

  const onKeyDown = (event: KeyboardEvent): void => {
    const { key, code, shiftKey } = event;
    const modKey = event.ctrlKey || event.metaKey;
    const action = gridAction({ key, code, shiftKey, modKey }, { active, total, pageRows: view.pageRows });
    if (action === undefined || total === 0) return;
    switch (action.kind) {
      case 'go':
        go(action.to, action.extend);
        break;
      case 'toggle':
        tickRange(selection.first, selection.last, !isTicked(active));
        break;
      case 'tickAll':
        tickAll(action.ticked);
        break;
      case 'escape':
        store.untickAll();
        break;
      case 'details':
      case 'keep':
        return;
    }
    event.preventDefault();
  };

  // One function for all rows and all times, so that a row is drawn again only when its own data change.
  const latest = useRef({ go, tickRange, isTicked, anchor: place.anchor });
  latest.current = { go, tickRange, isTicked, anchor: place.anchor };
  const onRow = useCallback((index: number, event: MouseEvent) => latest.current.go(index, event.shiftKey), []);
  const onTick = useCallback((index: number, event: MouseEvent) => {
    const { anchor } = latest.current;
    const from = event.shiftKey ? Math.min(anchor, index) : index;
    const to = event.shiftKey ? Math.max(anchor, index) : index;
    latest.current.tickRange(from, to, !latest.current.isTicked(index));
    latest.current.go(index, event.shiftKey);
  }, []);

  const tickState = ticked.size === 0 ? 'off' : ticked.size >= total ? 'on' : 'mixed';
  return (
    <div
      ref={scroller}
      className={`trash-scroller${showsRoot ? ' shows-root' : ''}${snapshot.isStale ? ' stale' : ''}`}
      onScroll={view.look}
    >
      <div
        role="grid"
        aria-label="Files in the trash"
        aria-multiselectable="true"
        aria-rowcount={total + 1}
        aria-busy={snapshot.isStale}
      >
        <div className="trash-head" role="row" aria-rowindex={1}>
          <div role="columnheader" className="cell">
            <Tick
              state={tickState}
              label="All files shown"
              title={tickState === 'on' ? 'Untick all' : 'Tick all files shown'}
              tabIndex={0}
              onToggle={() => tickAll(tickState !== 'on')}
            />
          </div>
          <div role="columnheader" className="cell">
            Lay at
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
            Since
          </div>
        </div>
        <div
          ref={body}
          className="trash-body"
          role="rowgroup"
          style={{ height: `${view.height}px` }}
          onKeyDown={onKeyDown}
        >
          {view.drawn.map((index) => (
            <TrashRow
              key={index}
              index={index}
              entry={snapshot.rowAt(index)}
              isActive={index === active}
              isSelected={index >= selection.first && index <= selection.last}
              isTicked={isTicked(index)}
              showsRoot={showsRoot}
              onRow={onRow}
              onTick={onTick}
            />
          ))}
        </div>
      </div>
      {snapshot.error !== undefined && (
        <div className="trash-message" role="alert">
          <p>
            {snapshot.error.message} <code>{snapshot.error.code}</code>
          </p>
          <Button onClick={() => rows.refresh()}>Try again</Button>
        </div>
      )}
      {snapshot.total === 0 && snapshot.error === undefined && (
        <div className="trash-message">
          <p>Nothing in the trash matches the filter.</p>
          <Button onClick={() => store.filter('')}>Clear filter</Button>
        </div>
      )}
    </div>
  );
}

interface TrashRowProps {
  readonly index: number;
  readonly entry: TrashEntry | undefined;
  readonly isActive: boolean;
  readonly isSelected: boolean;
  readonly isTicked: boolean;
  readonly showsRoot: boolean;
  readonly onRow: (index: number, event: MouseEvent) => void;
  readonly onTick: (index: number, event: MouseEvent) => void;
}

const TrashRow = memo(function TrashRow(props: TrashRowProps): ReactElement {
  const { index, entry, isActive, isSelected, isTicked, showsRoot, onRow, onTick } = props;
  return (
    <div
      className={`trash-row${isSelected ? ' row-selected' : ''}`}
      role="row"
      data-index={index}
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      tabIndex={isActive ? 0 : -1}
      // Positions are set through the DOM, which the content security policy allows.
      style={{ transform: `translateY(${index * ROW_HEIGHT}px)` }}
      onClick={(event) => onRow(index, event)}
    >
      {entry === undefined ? (
        <div role="gridcell" className="cell cell-loading" aria-label="Loading" />
      ) : (
        <>
          <div role="gridcell" className="cell">
            <Tick
              state={isTicked ? 'on' : 'off'}
              label={entry.path}
              tabIndex={-1}
              onToggle={(event) => onTick(index, event)}
            />
          </div>
          <div role="gridcell" className="cell cell-path" title={entry.path}>
            <Path path={entry.path} />
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
    </div>
  );
});

function Path({ path }: { path: string }): ReactElement {
  const folder = parentFolder(path);
  return (
    <span className="path">
      {folder !== '' && <span className="path-folder">{folder}/</span>}
      <span className="path-name">{baseName(path)}</span>
    </span>
  );
}
