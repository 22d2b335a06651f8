import { type MouseEvent, type ReactElement, useCallback, useEffect, useRef, useState } from 'react';

import { Notice } from '../shared/notice.tsx';
import { Opening } from '../shared/opening.tsx';
import type { VirtualGridHandle } from '../shared/virtualGrid.tsx';
import { ContextMenu } from './contextMenu.tsx';
import { type GalleryAction, galleryAction } from './galleryKeys.ts';
import { imageWords } from './galleryModel.ts';
import type { GalleryStore } from './galleryStore.ts';
import { Header, MarkedBar, NoImages, Toast } from './galleryViews.tsx';
import { ImageDetails } from './imageDetails.tsx';
import { ImageGrid } from './imageGrid.tsx';
import { menuEntries } from './imageMenu.ts';
import { isMarked } from './marks.ts';
import { SingleBar } from './singleBar.tsx';
import { SingleView, type SingleViewHandle } from './singleView.tsx';
import { useGallery } from './useGallery.ts';

export function ImagesPanel({ store }: { store: GalleryStore }): ReactElement {
  const grid = useRef<VirtualGridHandle>(null);
  const single = useRef<SingleViewHandle>(null);
  const gallery = useGallery(store, grid);
  const { state, snapshot, view, marks, marked, image } = gallery;
  const total = snapshot.total ?? 0;
  const active = Math.max(0, Math.min(view.active.index, total - 1));
  const [menu, setMenu] = useState<{ x: number; y: number }>();
  const [scale, setScale] = useState(1);
  const layout = useRef({ columns: 1, pageRows: 1 });
  const isSingle = view.mode === 'single' && total > 0;

  useEffect(() => {
    if (isSingle) single.current?.focus();
  }, [isSingle]);

  // A gallery that opens takes the keyboard, once there is something to be on.
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current || total === 0) return;
    isFirst.current = false;
    if (document.activeElement === document.body && !isSingle) grid.current?.focus();
  });

  const leaveMenu = (): void => {
    setMenu(undefined);
    if (isSingle) single.current?.focus();
    else grid.current?.focus();
  };

  const menuAtActive = (): void => {
    const bounds = document.querySelector(isSingle ? '.single-frame' : '.tile-active')?.getBoundingClientRect();
    if (bounds !== undefined) setMenu({ x: bounds.left + 16, y: bounds.top + 16 });
  };

  const act = (action: GalleryAction): void => {
    switch (action.kind) {
      case 'go':
        if (total > 0) gallery.go(action.to, action.extend);
        return;
      case 'pick':
        gallery.judge({ pick: action.pick });
        return;
      case 'rate':
        gallery.judge({ rating: action.rating });
        return;
      case 'open':
        gallery.open(active);
        return;
      case 'zoom':
        if (isSingle) gallery.change({ zoomed: !view.zoomed });
        else gallery.open(active, true);
        return;
      case 'back':
        if (isSingle) gallery.backToGrid();
        else gallery.clearMarks();
        return;
      case 'undo':
        gallery.undo();
        return;
      case 'mark':
        gallery.toggleMark(active);
        return;
      case 'markAll':
        if (!isSingle) gallery.markAll();
        return;
      case 'details':
        gallery.change({ detailsOpen: !view.detailsOpen });
        return;
      case 'menu':
        menuAtActive();
        return;
      case 'pan':
        single.current?.pan(action.x, action.y);
        return;
      case 'size':
        gallery.resize(action.step);
        return;
    }
  };

  const onKey = useRef<(event: KeyboardEvent) => void>(undefined);
  onKey.current = (event) => {
    const { key, shiftKey, ctrlKey, metaKey, altKey, target } = event;
    const place = { mode: isSingle ? 'single' : 'grid', active, total, ...layout.current } as const;
    const action = galleryAction({ key, shiftKey, modKey: ctrlKey || metaKey, altKey }, place);
    if (action === undefined || state.scope === undefined || belongsToControl(target, key)) return;
    event.preventDefault();
    act(action);
  };
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => onKey.current?.(event);
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, []);

  const onLayout = useCallback((columns: number, pageRows: number) => {
    layout.current = { columns, pageRows };
  }, []);
  const onMenu = (event: MouseEvent): void => {
    event.preventDefault();
    setMenu({ x: event.clientX, y: event.clientY });
  };

  if (state.scope === undefined || (state.openError !== undefined && snapshot.total === null)) {
    return <Opening text="Opening the gallery…" error={state.openError} onRetry={() => store.open()} />;
  }

  return (
    <main className={`gallery${view.detailsOpen ? ' gallery-detailed' : ''}`}>
      <div className="gallery-main">
        <div className="gallery-sheet" inert={isSingle}>
          <Header gallery={gallery} />
          {state.actionError !== undefined && (
            <Notice kind="error" error={state.actionError} onDismiss={() => store.dismissError()} />
          )}
          {snapshot.error !== undefined && total > 0 && (
            <Notice
              kind="error"
              error={snapshot.error}
              action={{ label: 'Try again', onClick: () => store.refresh() }}
            />
          )}
          {total === 0 ? (
            <NoImages gallery={gallery} store={store} />
          ) : (
            <ImageGrid
              ref={grid}
              store={store}
              snapshot={snapshot}
              active={active}
              marks={marks}
              tileSize={view.tileSize}
              initialScrollTop={view.scrollTop}
              onLayout={onLayout}
              onWindow={gallery.onWindow}
              onScroll={gallery.onScroll}
              onTile={(index, event) => {
                if (event.ctrlKey || event.metaKey) {
                  gallery.toggleMark(index);
                  gallery.go(index);
                } else {
                  if (!event.shiftKey) gallery.clearMarks();
                  gallery.go(index, event.shiftKey);
                }
              }}
              onOpen={(index) => gallery.open(index)}
              onMenu={(index, event) => {
                const id = snapshot.rowAt(index)?.id;
                const isOneOfMarked = id !== undefined && isMarked(marks, id);
                if (!isOneOfMarked) gallery.clearMarks();
                gallery.go(index);
                onMenu(event);
              }}
              onRate={(index, rating) => gallery.judgeOne(index, { rating })}
              onPick={(index, pick) => gallery.judgeOne(index, { pick })}
            />
          )}
          {marked > 0 && <MarkedBar gallery={gallery} />}
        </div>
        {isSingle && (
          <section className="single" aria-label="Image">
            <SingleBar
              image={image}
              index={active}
              total={total}
              scale={scale}
              zoomed={view.zoomed}
              detailsOpen={view.detailsOpen}
              onAction={act}
              onJudge={gallery.judge}
            />
            {state.actionError !== undefined && (
              <Notice kind="error" error={state.actionError} onDismiss={() => store.dismissError()} />
            )}
            <SingleView
              ref={single}
              store={store}
              image={image}
              label={imageWords(image, active, total)}
              neighbours={[snapshot.rowAt(active + 1)?.id, snapshot.rowAt(active - 1)?.id]}
              zoomed={view.zoomed}
              onZoom={(zoomed) => gallery.change({ zoomed })}
              onScale={setScale}
              onMenu={onMenu}
            />
            <p className="visually-hidden" role="status">
              {imageWords(image, active, total)}
            </p>
          </section>
        )}
        <Toast gallery={gallery} />
      </div>
      {view.detailsOpen && total > 0 && (
        <ImageDetails
          store={store}
          image={image}
          revision={state.revision}
          onJudge={isSingle ? undefined : (judgement) => gallery.judgeOne(active, judgement)}
          onClose={() => gallery.change({ detailsOpen: false })}
        />
      )}
      {menu !== undefined && image !== undefined && (
        <ContextMenu x={menu.x} y={menu.y} entries={menuEntries(gallery, store, act, isSingle)} onClose={leaveMenu} />
      )}
    </main>
  );
}

/** Keys that a control means for itself: buttons take Enter and Space, menus and sliders more. */
function belongsToControl(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest('[role=menu], input, textarea, select') !== null) return true;
  return (key === 'Enter' || key === ' ') && target.closest('button, vscode-button') !== null;
}
