import * as vscode from 'vscode';

import type { Generation } from '../../protocol/studioValues.ts';
import type { GalleryScope } from '../../protocol/panels/imagesPanel.ts';
import {
  ITEM_PANEL_USE_CASES,
  itemPanelContract,
  type ItemPanelContract,
  itemStateSchema,
} from '../../protocol/panels/itemPanel.ts';
import type { CallUseCase } from '../../protocol/useCases.ts';
import { chooseImage, importWorkflow } from '../commands/studioFiles.ts';
import { openSettings } from '../openSettings.ts';
import type { PanelHostHandlers } from './panelBridge.ts';
import { sharedHandlers } from './panelHandlers.ts';
import { createStudioView, StudioPanel, type StudioPanelParts } from './studioPanel.ts';
import { thumbnailUris } from './thumbnailUris.ts';

export const ITEM_VIEW_TYPE = 'lakeside.item';

export interface ItemEditorParts extends StudioPanelParts {
  readonly call: CallUseCase;
  readonly openGallery: (scope: GalleryScope) => void;
}

interface OpenEditor {
  readonly panel: StudioPanel<ItemPanelContract>;
  /** What to fill the page with when it next asks what it shows. */
  fill: Generation | undefined;
}

/** The Work item editors of a window: one for each work item. */
export class ItemEditors implements vscode.WebviewPanelSerializer, vscode.Disposable {
  readonly #parts: ItemEditorParts;
  readonly #open = new Map<string, OpenEditor>();
  #previews = 0;

  constructor(parts: ItemEditorParts) {
    this.#parts = parts;
  }

  /** @param fill what to generate with, in the place of what the editor holds */
  show(item: { readonly id: string; readonly name?: string }, fill?: Generation): void {
    const opened = this.#open.get(item.id);
    if (opened === undefined) {
      this.#fill(createStudioView(ITEM_VIEW_TYPE, item.name ?? 'Work item'), item.id).fill = fill;
      return;
    }
    const wasVisible = opened.panel.view.visible;
    opened.panel.view.reveal();
    if (fill === undefined) return;
    // A hidden page is loaded afresh and asks what it shows; one that is there must be told.
    if (wasVisible) opened.panel.emit('fill', { generation: fill });
    else opened.fill = fill;
  }

  /** VS Code has the panel of the last session again. */
  deserializeWebviewPanel(view: vscode.WebviewPanel, state: unknown): Promise<void> {
    const item = itemStateSchema.safeParse(state).data?.item;
    if (item === undefined || this.#open.has(item)) view.dispose();
    else this.#fill(view, item);
    return Promise.resolve();
  }

  dispose(): void {
    for (const { panel } of this.#open.values()) panel.dispose();
  }

  #fill(view: vscode.WebviewPanel, item: string): OpenEditor {
    const { call, engine, reportError } = this.#parts;
    const panel = StudioPanel.open<ItemPanelContract, typeof ITEM_PANEL_USE_CASES>({
      ...this.#parts,
      panel: view,
      name: 'item',
      contract: itemPanelContract,
      useCases: ITEM_PANEL_USE_CASES,
      handlers: (opened) => this.#handlers(opened, item),
    });
    const editor: OpenEditor = { panel, fill: undefined };
    this.#open.set(item, editor);
    panel.onEnd(() => this.#open.delete(item));

    const nameIt = async (): Promise<void> => {
      view.title = (await call('items.get', { id: item })).item.name;
    };
    void nameIt().catch(() => undefined); // The page says that there is no such work item.
    panel.owned.add(
      engine.on('changed', ({ topics }) => {
        if (topics.includes('studio')) void nameIt().catch(() => undefined);
      }),
    );
    panel.owned.add(
      engine.on('preview', (preview) => {
        if (preview.item === item && view.visible) void this.#showPreview(panel, preview).catch(reportError);
      }),
    );
    panel.owned.add(
      vscode.workspace.onDidGrantWorkspaceTrust(() => panel.emit('trust', { trusted: vscode.workspace.isTrusted })),
    );
    return editor;
  }

  async #showPreview(
    panel: StudioPanel<ItemPanelContract>,
    { run, part, path }: { readonly run: string; readonly part: number; readonly path: string },
  ): Promise<void> {
    // When a run is tried again its previews have the same names; asked for a URI again, a page would keep the picture it has.
    this.#previews += 1;
    panel.emit('preview', { run, part, uri: `${await panel.uriOf(path)}?${this.#previews}` });
  }

  #handlers(
    panel: StudioPanel<ItemPanelContract>,
    item: string,
  ): PanelHostHandlers<ItemPanelContract, typeof ITEM_PANEL_USE_CASES> {
    const { call, openGallery } = this.#parts;
    return {
      ...sharedHandlers,
      'item.which': () => {
        const editor = this.#open.get(item);
        const fill = editor?.fill;
        if (editor !== undefined && fill !== undefined) {
          editor.fill = undefined;
          // After the answer, so that the page knows what it fills.
          setTimeout(() => panel.emit('fill', { generation: fill }), 0);
        }
        return { item, trusted: vscode.workspace.isTrusted };
      },
      'item.importWorkflow': async () => ({ workflow: (await importWorkflow(call)) ?? null }),
      'item.chooseImage': async () => ({ path: (await chooseImage()) ?? null }),
      'item.thumbnails': async (input, { signal }) => ({
        thumbnails: await thumbnailUris(call, panel, input, signal),
      }),
      'item.openGallery': ({ run, image }) => {
        openGallery({ ...(run === undefined ? { item } : { run }), ...(image === undefined ? {} : { image }) });
        return null;
      },
      'item.openSettings': async ({ setting }) => {
        await openSettings(setting);
        return null;
      },
    };
  }
}
