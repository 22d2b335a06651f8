import { useCallback, useSyncExternalStore } from 'react';

import type { Thumbnail, Thumbnails } from './thumbnails.ts';

/** Drawn again when this image's small picture arrives, and at no other's. */
export function useThumbnail(thumbnails: Thumbnails, image: string | undefined): Thumbnail | undefined {
  const subscribe = useCallback(
    (listener: () => void) => (image === undefined ? () => undefined : thumbnails.subscribe(image, listener)),
    [thumbnails, image],
  );
  return useSyncExternalStore(subscribe, () => (image === undefined ? undefined : thumbnails.get(image)));
}
