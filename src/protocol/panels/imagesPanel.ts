import * as z from 'zod';

import { errorShapeSchema } from '../apiResponse.ts';
import { imagesGet, imagesJudge, imagesPage, imagesScope } from '../contracts/images.ts';
import { runsAgain } from '../contracts/runs.ts';
import { contract } from '../rpc.ts';
import { id } from '../values.ts';
import { nothing, sharedHostRequests, sharedPanelEvents } from './panelParts.ts';

/** The use cases the Image gallery may call; its host forwards these to the engine and nothing else. */
export const IMAGES_PANEL_USE_CASES = {
  'images.page': imagesPage,
  'images.scope': imagesScope,
  'images.get': imagesGet,
  'images.judge': imagesJudge,
  'runs.again': runsAgain,
} as const;

/** Which images the gallery shows: of a run, a work item, a project, or (none given) everything. */
export const galleryScopeSchema = z.object({
  run: id.optional(),
  item: id.optional(),
  project: id.optional(),
  /** The image to show first, large: no part of what `images.page` and `images.scope` are asked. */
  image: id.optional(),
});
export type GalleryScope = z.infer<typeof galleryScopeSchema>;

/** What the page keeps in its state (`panelState.set`), beside all else: its host opens it again from that. */
export const galleryStateSchema = z.looseObject({ scope: galleryScopeSchema });

const uriOrError = z.object({ id, uri: z.string().optional(), error: errorShapeSchema.optional() });

export const imagesPanelContract = contract({
  requests: {
    ...IMAGES_PANEL_USE_CASES,
    ...sharedHostRequests,
    'gallery.scope': { input: z.strictObject({}), output: galleryScopeSchema },
    /** Thumbnails as URIs the page can load, made where there is none yet. Longer side in pixels. */
    'gallery.thumbnails': {
      input: z.strictObject({ images: z.array(id).min(1).max(200), size: z.union([z.literal(256), z.literal(512)]) }),
      output: z.object({ thumbnails: z.array(uriOrError) }),
    },
    /** The image file itself, as a URI. */
    'gallery.image': { input: z.strictObject({ image: id }), output: uriOrError },
    'gallery.reveal': { input: z.strictObject({ image: id }), output: nothing },
    /** Opens the file in an editor of VS Code. */
    'gallery.open': { input: z.strictObject({ image: id }), output: nothing },
    /** Opens the work item's editor, filled with the settings of this image. */
    'gallery.again': { input: z.strictObject({ image: id }), output: nothing },
  },
  events: {
    ...sharedPanelEvents,
    scope: galleryScopeSchema,
  },
});
export type ImagesPanelContract = typeof imagesPanelContract;
