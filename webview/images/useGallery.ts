import { useCallback, useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react';

import type { GalleryScope } from '../../src/protocol/panels/imagesPanel.ts';
import type { RunImage } from '../../src/protocol/studioValues.ts';
import type { PagedRowsSnapshot } from '../shared/pagedRows.ts';
import type { VirtualGridHandle } from '../shared/virtualGrid.tsx';
import { findNear, type GalleryFilter, type Judgement, leavesFilter, TILE_WIDTHS } from './galleryModel.ts';
import { type GalleryView, keepGalleryView, loadGalleryView } from './galleryState.ts';
import { type GalleryState, type GalleryStore, isSameScope } from './galleryStore.ts';
import { ALL_MARKED, markCount, markOf, type Marks, NO_MARKS, toggled, withMarked } from './marks.ts';

export interface Gallery {
  readonly state: GalleryState;
  readonly snapshot: PagedRowsSnapshot<RunImage>;
  readonly view: GalleryView;
  readonly marks: Marks;
  readonly marked: number;
  readonly image: RunImage | undefined;
  readonly change: (part: Partial<GalleryView>) => void;
  readonly filter: (filter: GalleryFilter) => void;
  /** Goes to an image. @param extend marks all from where the going began */
  readonly go: (index: number, extend?: boolean) => void;
  readonly toggleMark: (index: number) => void;
  readonly markAll: () => void;
  readonly clearMarks: () => void;
  /** Judges what is marked, or the image one is on. */
  readonly judge: (judgement: Judgement) => void;
  /** Judges one image, whatever is marked. */
  readonly judgeOne: (index: number, judgement: Judgement) => void;
  readonly undo: () => void;
  readonly open: (index: number, zoomed?: boolean) => void;
  readonly backToGrid: () => void;
  readonly resize: (step: 1 | -1) => void;
  readonly onWindow: (first: number, last: number) => void;
  readonly onScroll: (top: number) => void;
}

/** Where a person is in the gallery and what they do there. */
export function useGallery(store: GalleryStore, grid: { readonly current: VirtualGridHandle | null }): Gallery {
  const state = useSyncExternalStore(store.subscribe, store.getSnapshot);
  const snapshot = useSyncExternalStore(store.rows.subscribe, store.rows.getSnapshot);
  const [view, setView] = useState(loadGalleryView);
  const [marks, setMarks] = useState<Marks>(NO_MARKS);
  /** Where a range of marks begins. */
  const anchor = useRef<number>(undefined);
  const inView = useRef({ first: 0, last: 0 });
  const change = (part: Partial<GalleryView>): void => setView((before) => ({ ...before, ...part }));

  const total = snapshot.total ?? 0;
  const active = Math.max(0, Math.min(view.active.index, total - 1));
  const image = snapshot.rowAt(active);

  // Not part of the state that draws: it changes with every frame of a scroll.
  const scrollTop = useRef(view.scrollTop);
  const keep = useRef<() => void>(undefined);
  keep.current = () => {
    if (state.scope !== undefined) keepGalleryView({ ...view, scrollTop: scrollTop.current });
  };
  useEffect(() => keep.current?.(), [view]);

  useEffect(() => store.show(view.filter), [store, view.filter]);
  useScope(state, view, (scope) => {
    setMarks(NO_MARKS);
    anchor.current = undefined;
    const unfiltered = { picks: [], minRating: 0 };
    change({ scope, filter: unfiltered, mode: 'grid', zoomed: false, active: { index: 0, id: null }, scrollTop: 0 });
    grid.current?.reveal(0, false);
    const first = scope.image;
    if (first === undefined) return;
    store.ask(async () => {
      const index = await store.placeOf(first);
      if (index === undefined) return;
      change({ mode: 'single', active: { index, id: first } });
      grid.current?.reveal(index, false);
    });
  });

  // Images come and go around the one that a person is on: it stays the one, wherever it is now.
  useLayoutEffect(() => {
    if (total === 0 || snapshot.isStale || !snapshot.isCurrent || image === undefined) return;
    if (image.id === view.active.id) {
      if (active !== view.active.index) change({ active: { index: active, id: image.id } });
      return;
    }
    const found = view.active.id === null ? undefined : findNear(view.active.id, active, snapshot.rowAt);
    if (found === undefined) change({ active: { index: active, id: image.id } });
    else {
      change({ active: { index: found, id: view.active.id } });
      const wasInView = active >= inView.current.first && active <= inView.current.last;
      const hasFocus = document.activeElement?.getAttribute('role') === 'gridcell';
      if (wasInView || hasFocus || view.mode === 'single') grid.current?.reveal(found, hasFocus);
    }
  }, [snapshot, total, active, image, view.active, view.mode, grid]);

  const go = (to: number, extend = false): void => {
    change({ active: { index: to, id: snapshot.rowAt(to)?.id ?? null } });
    grid.current?.reveal(to, view.mode === 'grid');
    if (!extend) anchor.current = undefined;
    else {
      anchor.current ??= active;
      markRange(anchor.current, to);
    }
  };

  const markRange = (from: number, to: number): void => {
    const [first, last] = [Math.min(from, to), Math.max(from, to)];
    const known: string[] = [];
    for (let index = first; index <= last; index++) {
      const id = snapshot.rowAt(index)?.id;
      if (id !== undefined) known.push(id);
    }
    const now = markOf(known);
    setMarks(now);
    if (known.length === last - first + 1) return;
    store.ask(async () => {
      const ids = await store.idsBetween(first, last);
      // Unless the person has marked something else meanwhile.
      setMarks((marksNow) => (marksNow === now ? markOf(ids) : marksNow));
    });
  };

  const judgeThese = (these: Marks, judgement: Judgement): void => {
    void store.judge(these, judgement);
    // What leaves the view would stay marked unseen.
    if (leavesFilter(view.filter, judgement) && markCount(marks, total) > 0) setMarks(NO_MARKS);
  };

  return {
    state,
    snapshot,
    view,
    marks,
    marked: markCount(marks, total),
    image,
    change,
    filter: (filter) => {
      setMarks(NO_MARKS);
      anchor.current = undefined;
      change({
        filter: { picks: [...filter.picks], minRating: filter.minRating },
        active: { index: 0, id: null },
      });
      grid.current?.reveal(0, false);
    },
    go,
    toggleMark: (index) => {
      const id = snapshot.rowAt(index)?.id;
      if (id === undefined) return;
      const before = image !== undefined && index !== active && markCount(marks, total) === 0 ? [image.id] : [];
      setMarks(toggled(withMarked(marks, before), id));
      anchor.current = index;
    },
    markAll: () => setMarks(ALL_MARKED),
    clearMarks: () => {
      setMarks(NO_MARKS);
      anchor.current = undefined;
    },
    judge: (judgement) => {
      if (view.mode === 'grid' && markCount(marks, total) > 0) judgeThese(marks, judgement);
      else if (image !== undefined) judgeThese(markOf([image.id]), judgement);
      const isDecided = judgement.pick === 'picked' || judgement.pick === 'rejected';
      if (view.mode === 'single' && isDecided && active + 1 < total) go(active + 1);
    },
    judgeOne: (index, judgement) => {
      const row = snapshot.rowAt(index);
      if (row === undefined) return;
      judgeThese(markOf([row.id]), judgement);
    },
    undo: () => {
      void store.undo().then((undone) => {
        if (undone === undefined) return;
        setView((before) => {
          const found = findNear(undone.first, before.active.index, store.rows.getSnapshot().rowAt);
          const index = found ?? before.active.index;
          grid.current?.reveal(index, before.mode === 'grid');
          return { ...before, active: { index, id: undone.first } };
        });
      });
    },
    open: (index, zoomed = false) => {
      if (total > 0) change({ mode: 'single', zoomed, active: { index, id: snapshot.rowAt(index)?.id ?? null } });
    },
    backToGrid: () => {
      change({ mode: 'grid' });
      grid.current?.reveal(active, true);
    },
    resize: (step) => {
      const tileSize = Math.max(0, Math.min(TILE_WIDTHS.length - 1, view.tileSize + step));
      change({ tileSize });
    },
    onWindow: useCallback((first, last) => {
      inView.current = { first, last };
    }, []),
    onScroll: useCallback((top) => {
      scrollTop.current = top;
      keep.current?.();
    }, []),
  };
}

/** Tells when the gallery is of other images than those the panel was left at. */
function useScope({ scope, asked }: GalleryState, view: GalleryView, onOther: (scope: GalleryScope) => void): void {
  const latest = useRef({ kept: view.scope, onOther });
  latest.current = { kept: view.scope, onOther };
  const answered = useRef(0);
  useEffect(() => {
    if (scope === undefined) return;
    // Asked for an image again, one goes to it again, wherever one has gone since.
    const isAskedFor = asked > answered.current && scope.image !== undefined;
    answered.current = asked;
    if (isAskedFor || !isSameScope(scope, latest.current.kept)) latest.current.onOther(scope);
  }, [scope, asked]);
}
