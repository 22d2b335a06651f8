import type * as vscode from 'vscode';

import type { GalleryScope } from '../../protocol/panels/imagesPanel.ts';
import {
  OVERVIEW_PANEL_USE_CASES,
  overviewPanelContract,
  type OverviewPanelContract,
} from '../../protocol/panels/overviewPanel.ts';
import type { CallUseCase } from '../../protocol/useCases.ts';
import type { PanelHostHandlers } from './panelBridge.ts';
import { runCommand, sharedHandlers } from './panelHandlers.ts';
import { createStudioView, StudioPanel, type StudioPanelParts } from './studioPanel.ts';
import { thumbnailUris } from './thumbnailUris.ts';

export const OVERVIEW_VIEW_TYPE = 'lakeside.overview';

export interface OverviewParts extends StudioPanelParts {
  readonly call: CallUseCase;
  readonly openGallery: (scope: GalleryScope) => void;
  readonly openItem: (item: { readonly id: string }) => void;
}

/** The one Overview of a window. */
export class OverviewPanel implements vscode.WebviewPanelSerializer, vscode.Disposable {
  readonly #parts: OverviewParts;
  #open: StudioPanel<OverviewPanelContract> | undefined;

  constructor(parts: OverviewParts) {
    this.#parts = parts;
  }

  show(): void {
    if (this.#open !== undefined) {
      this.#open.view.reveal();
      return;
    }
    this.#fill(createStudioView(OVERVIEW_VIEW_TYPE, 'Overview'));
  }

  /** VS Code has the panel of the last session again. */
  deserializeWebviewPanel(view: vscode.WebviewPanel): Promise<void> {
    if (this.#open !== undefined) view.dispose();
    else this.#fill(view);
    return Promise.resolve();
  }

  dispose(): void {
    this.#open?.dispose();
  }

  #fill(view: vscode.WebviewPanel): void {
    const opened = StudioPanel.open<OverviewPanelContract, typeof OVERVIEW_PANEL_USE_CASES>({
      ...this.#parts,
      panel: view,
      name: 'overview',
      contract: overviewPanelContract,
      useCases: OVERVIEW_PANEL_USE_CASES,
      handlers: (panel) => this.#handlers(panel),
    });
    opened.onEnd(() => (this.#open = undefined));
    this.#open = opened;
  }

  #handlers(
    panel: StudioPanel<OverviewPanelContract>,
  ): PanelHostHandlers<OverviewPanelContract, typeof OVERVIEW_PANEL_USE_CASES> {
    const { call, openGallery, openItem } = this.#parts;
    return {
      ...sharedHandlers,
      'overview.thumbnails': async (input, { signal }) => ({
        thumbnails: await thumbnailUris(call, panel, input, signal),
      }),
      'overview.openGallery': ({ run, image }) => {
        openGallery({ ...(run === undefined ? {} : { run }), ...(image === undefined ? {} : { image }) });
        return null;
      },
      'overview.openItem': ({ item }) => {
        openItem({ id: item });
        return null;
      },
      'overview.showRoot': () => runCommand('lakeside.models.focus'),
      'overview.newItem': () => runCommand('lakeside.newItem'),
    };
  }
}
