import * as vscode from 'vscode';

import {
  galleryStateSchema,
  type GalleryScope,
  IMAGES_PANEL_USE_CASES,
  imagesPanelContract,
  type ImagesPanelContract,
} from '../../protocol/panels/imagesPanel.ts';
import type { CallUseCase } from '../../protocol/useCases.ts';
import type { PanelHostHandlers } from './panelBridge.ts';
import { runCommand, sharedHandlers } from './panelHandlers.ts';
import { createStudioView, StudioPanel, type StudioPanelParts } from './studioPanel.ts';
import { thumbnailUris } from './thumbnailUris.ts';

export const GALLERY_VIEW_TYPE = 'lakeside.gallery';
const TITLE = 'Image gallery';

export interface GalleryParts extends StudioPanelParts {
  readonly call: CallUseCase;
  /** Opens the work item's editor, filled with the settings of an image. */
  readonly again: (image: string) => Promise<void>;
}

/** The one Image gallery of a window, whatever it shows. */
export class GalleryPanel implements vscode.WebviewPanelSerializer, vscode.Disposable {
  readonly #parts: GalleryParts;
  #open: StudioPanel<ImagesPanelContract> | undefined;
  #scope: GalleryScope = {};

  constructor(parts: GalleryParts) {
    this.#parts = parts;
  }

  show(scope: GalleryScope): void {
    this.#scope = scope;
    if (this.#open === undefined) {
      this.#fill(createStudioView(GALLERY_VIEW_TYPE, TITLE));
      return;
    }
    void this.#nameIt(this.#open.view);
    this.#open.view.reveal();
    this.#open.emit('scope', scope);
  }

  /** VS Code has the panel of the last session again. */
  deserializeWebviewPanel(view: vscode.WebviewPanel, state: unknown): Promise<void> {
    if (this.#open !== undefined) view.dispose();
    else {
      // An older page may have kept something else: then everything is shown.
      this.#scope = galleryStateSchema.safeParse(state).data?.scope ?? {};
      this.#fill(view);
    }
    return Promise.resolve();
  }

  dispose(): void {
    this.#open?.dispose();
  }

  #fill(view: vscode.WebviewPanel): void {
    const opened = StudioPanel.open<ImagesPanelContract, typeof IMAGES_PANEL_USE_CASES>({
      ...this.#parts,
      panel: view,
      name: 'images',
      contract: imagesPanelContract,
      useCases: IMAGES_PANEL_USE_CASES,
      handlers: (panel) => this.#handlers(panel),
    });
    opened.onEnd(() => (this.#open = undefined));
    this.#open = opened;
    void this.#nameIt(view);
  }

  /** After what it shows; the page says what is wrong where that cannot be known. */
  async #nameIt(view: vscode.WebviewPanel): Promise<void> {
    const { image: _, ...scope } = this.#scope;
    const path = await this.#parts.call('images.scope', scope).then(
      (answer) => answer.path,
      () => [],
    );
    if (this.#open?.view === view) view.title = path.length === 0 ? TITLE : `${TITLE}: ${path.join(' › ')}`;
  }

  #handlers(
    panel: StudioPanel<ImagesPanelContract>,
  ): PanelHostHandlers<ImagesPanelContract, typeof IMAGES_PANEL_USE_CASES> {
    const { call, again } = this.#parts;
    const fileOf = async (image: string): Promise<string> => (await call('images.get', { id: image })).image.path;
    return {
      ...sharedHandlers,
      'gallery.scope': () => this.#scope,
      'gallery.thumbnails': async (input, { signal }) => ({
        thumbnails: await thumbnailUris(call, panel, input, signal),
      }),
      'gallery.image': async ({ image }) => ({ id: image, uri: await panel.uriOf(await fileOf(image)) }),
      'gallery.reveal': async ({ image }) => runCommand('revealFileInOS', vscode.Uri.file(await fileOf(image))),
      'gallery.open': async ({ image }) => runCommand('vscode.open', vscode.Uri.file(await fileOf(image))),
      'gallery.again': async ({ image }) => {
        await again(image);
        return null;
      },
    };
  }
}
