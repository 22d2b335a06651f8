import { formatQuantity } from '../../src/base/format.ts';
import type { MenuEntry } from './contextMenu.tsx';
import type { GalleryAction } from './galleryKeys.ts';
import type { GalleryStore } from './galleryStore.ts';
import type { Gallery } from './useGallery.ts';

/** What can be done to the image one is on; judging is done to all that are marked. */
export function menuEntries(
  gallery: Gallery,
  store: GalleryStore,
  act: (action: GalleryAction) => void,
  isSingle: boolean,
): MenuEntry[] {
  const id = gallery.image?.id ?? '';
  const several = !isSingle && gallery.marked > 1 ? ` ${formatQuantity(gallery.marked, 'image')}` : '';
  return [
    ...(isSingle ? [] : [{ label: 'Open large', key: 'Enter', onChoose: () => act({ kind: 'open' }) }]),
    { label: `Pick${several}`, key: 'P', onChoose: () => act({ kind: 'pick', pick: 'picked' }) },
    { label: `Reject${several}`, key: 'X', onChoose: () => act({ kind: 'pick', pick: 'rejected' }) },
    { label: `Unmark${several}`, key: 'U', onChoose: () => act({ kind: 'pick', pick: 'none' }) },
    { label: 'Copy prompt', separated: true, onChoose: () => store.copyPrompt(id) },
    {
      label: 'Again with these settings',
      onChoose: () => store.ask((remote) => remote.request('gallery.again', { image: id })),
    },
    {
      label: 'Open in an editor',
      separated: true,
      onChoose: () => store.ask((remote) => remote.request('gallery.open', { image: id })),
    },
    {
      label: 'Reveal the file',
      onChoose: () => store.ask((remote) => remote.request('gallery.reveal', { image: id })),
    },
  ];
}
