import type { ReactElement } from 'react';

import type { RunImage } from '../../src/protocol/studioValues.ts';
import { Icon } from '../shared/studioIcon.tsx';
import { useThumbnail } from '../shared/useThumbnail.ts';
import type { OverviewStore } from './overviewStore.ts';

/** An image that opens in the gallery. */
export function Tile({ image, store }: { image: RunImage; store: OverviewStore }): ReactElement {
  return (
    <button
      type="button"
      className={`tile tile-${image.pick}`}
      aria-label={`Image ${image.n}, ${image.width} × ${image.height}${image.pick === 'none' ? '' : `, ${image.pick}`}`}
      title="Open in the gallery"
      onClick={() => store.ask((remote) => remote.request('overview.openGallery', { run: image.run, image: image.id }))}
    >
      <Picture image={image.id} store={store} />
    </button>
  );
}

/** The small picture alone; its place while it is not there. */
export function Picture({ image, store }: { image: string | undefined; store: OverviewStore }): ReactElement {
  const thumbnail = useThumbnail(store.thumbnails, image);
  if (image === undefined || (thumbnail !== undefined && thumbnail.uri === undefined)) return <Icon name="fileMedia" />;
  if (thumbnail?.uri === undefined) return <></>;
  const { uri } = thumbnail;
  return <img src={uri} alt="" onError={() => store.thumbnails.failedToLoad(image, uri)} />;
}
