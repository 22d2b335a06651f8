import { useEffect, useState } from 'react';

import { type LakesideError, toLakesideError } from '../../src/base/errors.ts';
import type { GalleryStore } from './galleryStore.ts';

/** While an arrow key is held images go by faster than they load; only one that is rested on is loaded. */
const REST_MS = 60;

export interface ImageUri {
  readonly uri?: string;
  readonly error?: LakesideError;
}

/**
 * Where to load an image itself from.
 * @param image undefined: none
 * @param attempt rises when it is to be asked for again
 */
export function useImageUri(store: GalleryStore, image: string | undefined, attempt: number): ImageUri {
  const [found, setFound] = useState<ImageUri & { readonly image: string }>();
  useEffect(() => {
    if (image === undefined) return undefined;
    let isOver = false;
    const timer = window.setTimeout(() => {
      store.imageUri(image).then(
        (uri) => {
          if (!isOver) setFound({ image, uri });
        },
        (error: unknown) => {
          if (!isOver) setFound({ image, error: toLakesideError(error) });
        },
      );
    }, REST_MS);
    return () => {
      isOver = true;
      window.clearTimeout(timer);
    };
  }, [store, image, attempt]);
  return found !== undefined && found.image === image ? found : {};
}

/** Loads the images one is likely to go to next. */
export function usePreloaded(store: GalleryStore, images: readonly (string | undefined)[], ready: boolean): void {
  const key = images.join(' ');
  useEffect(() => {
    if (!ready) return undefined;
    const timer = window.setTimeout(() => {
      for (const image of key.split(' ')) {
        if (image === '') continue;
        store.imageUri(image).then(
          (uri) => {
            new Image().src = uri;
          },
          // It says so itself when it is gone to.
          () => undefined,
        );
      }
    }, REST_MS);
    return () => window.clearTimeout(timer);
  }, [store, key, ready]);
}
