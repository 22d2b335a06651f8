import * as z from 'zod';

import { type GalleryScope, galleryScopeSchema } from '../../src/protocol/panels/imagesPanel.ts';
import { pickSchema, rating } from '../../src/protocol/studioValues.ts';
import { id } from '../../src/protocol/values.ts';
import { panelState } from '../shared/host.ts';
import { NO_FILTER, TILE_WIDTHS } from './galleryModel.ts';

/** What the panel keeps while it is hidden; `scope` is for its host, which opens it again from that. */
const galleryViewSchema = z.object({
  scope: galleryScopeSchema,
  filter: z.object({ picks: z.array(pickSchema), minRating: rating }),
  mode: z.enum(['grid', 'single']),
  /** Whether the single view shows the image at its own size, rather than all of it. */
  zoomed: z.boolean(),
  /** Index into `TILE_WIDTHS`. */
  tileSize: z
    .int()
    .min(0)
    .max(TILE_WIDTHS.length - 1),
  detailsOpen: z.boolean(),
  /** The image the keyboard is on: what it is, and where it was seen last. */
  active: z.object({ index: z.int().nonnegative(), id: id.nullable() }),
  scrollTop: z.number().nonnegative(),
});
export type GalleryView = Readonly<z.infer<typeof galleryViewSchema>>;

/** Narrower than this, in CSS pixels, the details would leave the images no room. */
const ROOM_FOR_DETAILS = 900;

const initial: GalleryView = {
  scope: {},
  filter: { picks: [...NO_FILTER.picks], minRating: NO_FILTER.minRating },
  mode: 'grid',
  zoomed: false,
  tileSize: 2,
  detailsOpen: window.innerWidth >= ROOM_FOR_DETAILS,
  active: { index: 0, id: null },
  scrollTop: 0,
};

export function loadGalleryView(): GalleryView {
  const kept = galleryViewSchema.safeParse(panelState.get());
  return kept.success ? kept.data : initial;
}

/** What was shown before the panel was hidden; undefined in a panel that is new. */
export function keptScope(): GalleryScope | undefined {
  const kept = galleryViewSchema.safeParse(panelState.get());
  return kept.success ? kept.data.scope : undefined;
}

export function keepGalleryView(view: GalleryView): void {
  panelState.set(view);
}
