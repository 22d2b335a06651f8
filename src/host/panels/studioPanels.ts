import * as vscode from 'vscode';

import type { Disposable } from '../../base/disposables.ts';

import { GALLERY_VIEW_TYPE, GalleryPanel } from './galleryPanel.ts';
import { ImagePlaces } from './imagePlaces.ts';
import { ITEM_VIEW_TYPE, ItemEditors } from './itemEditors.ts';
import { OVERVIEW_VIEW_TYPE, OverviewPanel } from './overviewPanel.ts';
import type { PanelEngine } from './panelBridge.ts';

export interface StudioPanels extends Disposable {
  readonly gallery: GalleryPanel;
  readonly items: ItemEditors;
  readonly overview: OverviewPanel;
  /** Opens the editor of a run's or an image's work item, filled with what it was made with. */
  again(of: { readonly run: string } | { readonly image: string }): Promise<void>;
}

/** The panels of the studio; those that were open when VS Code closed open again. */
export function registerStudioPanels(
  { extensionUri }: Pick<vscode.ExtensionContext, 'extensionUri'>,
  engine: PanelEngine,
  reportError: (error: unknown) => void,
): StudioPanels {
  const call = engine.call;
  const parts = { extensionUri, engine, call, reportError, places: new ImagePlaces(call) };
  const again: StudioPanels['again'] = async (of) => {
    const { item, generation } = await call('runs.again', of);
    items.show({ id: item }, generation);
  };
  const gallery = new GalleryPanel({ ...parts, again: (image) => again({ image }) });
  const items = new ItemEditors({ ...parts, openGallery: (scope) => gallery.show(scope) });
  const overview = new OverviewPanel({
    ...parts,
    openGallery: (scope) => gallery.show(scope),
    openItem: (item) => items.show(item),
  });
  const registered = vscode.Disposable.from(
    gallery,
    items,
    overview,
    vscode.window.registerWebviewPanelSerializer(GALLERY_VIEW_TYPE, gallery),
    vscode.window.registerWebviewPanelSerializer(ITEM_VIEW_TYPE, items),
    vscode.window.registerWebviewPanelSerializer(OVERVIEW_VIEW_TYPE, overview),
  );
  return { gallery, items, overview, again, dispose: () => void registered.dispose() };
}
