import { type MouseEvent, type ReactElement, type Ref, useCallback, useLayoutEffect, useRef } from 'react';

import type { Pick } from '../../src/protocol/studioValues.ts';
import type { PagedRowsSnapshot } from '../shared/pagedRows.ts';
import type { RunImage } from '../../src/protocol/studioValues.ts';
import { VirtualGrid, type VirtualGridHandle } from '../shared/virtualGrid.tsx';
import { TILE_WIDTHS } from './galleryModel.ts';
import type { GalleryStore } from './galleryStore.ts';
import { ImageTile } from './imageTile.tsx';
import { isMarked, markCount, type Marks } from './marks.ts';

export interface ImageGridProps {
  readonly ref: Ref<VirtualGridHandle>;
  readonly store: GalleryStore;
  readonly snapshot: PagedRowsSnapshot<RunImage>;
  readonly active: number;
  readonly marks: Marks;
  /** Index into `TILE_WIDTHS`. */
  readonly tileSize: number;
  readonly initialScrollTop: number;
  readonly onLayout: (columns: number, pageRows: number) => void;
  readonly onWindow: (first: number, last: number) => void;
  readonly onScroll: (top: number) => void;
  readonly onTile: (index: number, event: MouseEvent) => void;
  readonly onOpen: (index: number) => void;
  readonly onMenu: (index: number, event: MouseEvent) => void;
  /** Stars or a mark of a tile were clicked: of the tile alone, whatever is selected. */
  readonly onRate: (index: number, rating: number) => void;
  readonly onPick: (index: number, pick: Pick) => void;
}

const FOOT_HEIGHT = 24;
/** Cells fetched ahead at both ends of what is in view. */
const ROWS_AHEAD = 60;
/** Thumbnails asked for ahead, once those in view are. */
const PICTURES_AHEAD = 24;
/** Cells are stretched to fill the width, by so much at most in ordinary panels. */
const STRETCH = 1.2;

export function ImageGrid(props: ImageGridProps): ReactElement {
  const { ref, store, snapshot, active, marks, tileSize, onWindow } = props;
  const total = snapshot.total ?? 0;
  const anyMarked = markCount(marks, total) > 0;
  const cellWidth = TILE_WIDTHS[tileSize] ?? TILE_WIDTHS[0];

  const view = useRef({ first: 0, last: -1 });
  const wantPictures = useCallback((): void => {
    const { first, last } = view.current;
    const { rowAt } = store.rows.getSnapshot();
    const idsOf = (from: number, to: number): string[] => {
      const ids: string[] = [];
      for (let index = Math.max(0, from); index <= to; index++) {
        const row = rowAt(index);
        if (row !== undefined) ids.push(row.id);
      }
      return ids;
    };
    const size = cellWidth * STRETCH * window.devicePixelRatio <= 256 ? 256 : 512;
    store.thumbnails.want(
      [...idsOf(first, last), ...idsOf(last + 1, last + PICTURES_AHEAD), ...idsOf(first - PICTURES_AHEAD, first - 1)],
      size,
    );
  }, [store, cellWidth]);

  const onWindowHere = useCallback(
    (first: number, last: number): void => {
      view.current = { first, last };
      store.rows.want(Math.max(0, first - ROWS_AHEAD), last + ROWS_AHEAD);
      wantPictures();
      onWindow(first, last);
    },
    [store, wantPictures, onWindow],
  );
  useLayoutEffect(wantPictures, [wantPictures, snapshot]);

  const onClick = (index: number, event: MouseEvent): void => {
    const place = event.target instanceof Element ? event.target.closest('[data-rate], [data-pick]') : null;
    const rate = place?.getAttribute('data-rate');
    const pick = place?.getAttribute('data-pick');
    const row = snapshot.rowAt(index);
    if (row !== undefined && rate !== null && rate !== undefined) {
      props.onRate(index, Number(rate) === row.rating ? 0 : Number(rate));
    } else if (row !== undefined && (pick === 'picked' || pick === 'rejected')) {
      props.onPick(index, row.pick === pick ? 'none' : pick);
    } else props.onTile(index, event);
  };

  return (
    <VirtualGrid
      ref={ref}
      label="Images"
      count={total}
      active={active}
      cellWidth={cellWidth}
      footHeight={FOOT_HEIGHT}
      busy={snapshot.isStale}
      initialScrollTop={props.initialScrollTop}
      onWindow={onWindowHere}
      onLayout={props.onLayout}
      onScroll={props.onScroll}
      onClick={onClick}
      onDoubleClick={(index, event) => {
        const isControl = event.target instanceof Element && event.target.closest('[data-rate], [data-pick]') !== null;
        if (!isControl) props.onOpen(index);
      }}
      onContextMenu={props.onMenu}
      cell={(index, column) => {
        const image = snapshot.rowAt(index);
        const marked = image !== undefined && isMarked(marks, image.id);
        return (
          <ImageTile
            key={column}
            index={index}
            column={column}
            total={total}
            image={image}
            isActive={index === active}
            isMarked={marked}
            isSelected={anyMarked ? marked : index === active}
            thumbnails={store.thumbnails}
          />
        );
      }}
    />
  );
}
