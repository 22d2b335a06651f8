import type { ReactElement } from 'react';

import { Block } from './block.tsx';
import { LATEST_IMAGES } from './overviewModel.ts';
import type { Overview } from './overviewRemote.ts';
import type { OverviewStore } from './overviewStore.ts';
import { Tile } from './tile.tsx';

export function LatestImages({ store, overview }: { store: OverviewStore; overview: Overview }): ReactElement {
  const { latest, counts } = overview;
  return (
    <Block title="Latest images">
      {latest.length === 0 ? (
        <p className="dim">No images yet.</p>
      ) : (
        <>
          <div className="tiles">
            {latest.slice(0, LATEST_IMAGES).map((image) => (
              <Tile key={image.id} image={image} store={store} />
            ))}
          </div>
          {counts.images > LATEST_IMAGES && (
            <p>
              <button
                type="button"
                className="link"
                onClick={() => store.ask((remote) => remote.request('overview.openGallery', {}))}
              >
                All images
              </button>
            </p>
          )}
        </>
      )}
    </Block>
  );
}
