import type { ReactElement } from 'react';

import { formatQuantity } from '../../src/base/format.ts';
import { Button } from '../shared/controls.tsx';
import { Icon } from '../shared/studioIcon.tsx';
import { Notice } from '../shared/notice.tsx';
import { FilterBar } from './filterBar.tsx';
import { isFiltered, NO_FILTER, TILE_WIDTHS } from './galleryModel.ts';
import type { GalleryStore } from './galleryStore.ts';
import { JudgeControls } from './judgeControls.tsx';
import type { Gallery } from './useGallery.ts';

export function Header({ gallery }: { gallery: Gallery }): ReactElement {
  const { state, view, snapshot } = gallery;
  const path = state.counts?.path ?? [];
  return (
    <header className="gallery-header">
      <h1>
        {path.slice(0, -1).map((part, at) => (
          <span key={at} className="dim">
            {part} ›{' '}
          </span>
        ))}
        {path.at(-1) ?? (state.counts === undefined ? ' ' : 'All images')}
      </h1>
      <div className="gallery-tools">
        <Button
          appearance="icon"
          aria-label="Smaller images"
          title="Smaller images (−)"
          disabled={view.tileSize === 0}
          onClick={() => gallery.resize(-1)}
        >
          <Icon name="zoomOut" />
        </Button>
        <Button
          appearance="icon"
          aria-label="Larger images"
          title="Larger images (+)"
          disabled={view.tileSize === TILE_WIDTHS.length - 1}
          onClick={() => gallery.resize(1)}
        >
          <Icon name="zoomIn" />
        </Button>
        <Button
          appearance="icon"
          aria-label={view.detailsOpen ? 'Hide details' : 'Show details'}
          title="Details (I)"
          onClick={() => gallery.change({ detailsOpen: !view.detailsOpen })}
        >
          <Icon name="info" />
        </Button>
      </div>
      <FilterBar counts={state.counts} filter={view.filter} shown={snapshot.total} onFilter={gallery.filter} />
    </header>
  );
}

export function NoImages({ gallery, store }: { gallery: Gallery; store: GalleryStore }): ReactElement {
  const { snapshot, view } = gallery;
  if (snapshot.error !== undefined) {
    return (
      <div className="centered">
        <Notice kind="error" error={snapshot.error} action={{ label: 'Try again', onClick: () => store.refresh() }} />
      </div>
    );
  }
  if (snapshot.total === null) {
    return (
      <div className="centered" aria-busy="true">
        <Icon name="loading" />
        <p className="dim" role="status">
          Loading images…
        </p>
      </div>
    );
  }
  if (isFiltered(view.filter)) {
    return (
      <div className="centered">
        <p>No image matches the filter.</p>
        <Button onClick={() => gallery.filter(NO_FILTER)}>Clear filter</Button>
      </div>
    );
  }
  return (
    <div className="centered gallery-empty">
      <Icon name="fileMedia" />
      <p>No images yet.</p>
      <p className="dim">They appear here as soon as a run makes them. Generate from a work item.</p>
    </div>
  );
}

export function MarkedBar({ gallery }: { gallery: Gallery }): ReactElement {
  return (
    <div className="marked-bar" role="toolbar" aria-label="Selected images">
      <span className="marked-words" role="status">
        {formatQuantity(gallery.marked, 'image')} selected
      </span>
      <JudgeControls pick={undefined} rating={0} onJudge={gallery.judge} />
      <Button
        appearance="icon"
        aria-label="Clear the selection"
        title="Clear the selection (Escape)"
        onClick={gallery.clearMarks}
      >
        <Icon name="close" />
      </Button>
    </div>
  );
}

export function Toast({ gallery }: { gallery: Gallery }): ReactElement {
  const { notice, busy } = gallery.state;
  return (
    <div className="toasts" role="status">
      {busy !== undefined ? (
        <div className="toast">
          <Icon name="loading" /> {busy}
        </div>
      ) : (
        notice !== undefined && (
          <div className="toast">
            {notice.text}
            {notice.canUndo && (
              <Button appearance="secondary" title="Undo (Ctrl+Z)" onClick={gallery.undo}>
                Undo
              </Button>
            )}
          </div>
        )
      )}
    </div>
  );
}
