import * as vscode from 'vscode';

import { type Disposable, DisposableStore } from '../../base/disposables.ts';
import { Emitter, type Event } from '../../base/events.ts';
import { fillPanel } from './fillPanel.ts';
import type { ImagePlaces } from './imagePlaces.ts';
import {
  type PanelBridge,
  type PanelContract,
  type PanelEngine,
  type PanelHostHandlers,
  type PanelUseCases,
  servePanel,
} from './panelBridge.ts';
import { reportProtocolError } from './panelHandlers.ts';
import { acceptPanelSessions } from './webviewChannel.ts';

export interface StudioPanelParts {
  readonly extensionUri: vscode.Uri;
  readonly engine: PanelEngine;
  /** Where the page may load pictures from, beside its own bundle. */
  readonly places: Pick<ImagePlaces, 'roots' | 'rootsFor'>;
  readonly reportError: (error: unknown) => void;
}

export interface StudioPanelOptions<C extends PanelContract, U extends PanelUseCases> extends StudioPanelParts {
  readonly panel: vscode.WebviewPanel;
  /** Its folder under webview/. */
  readonly name: string;
  readonly contract: C;
  readonly useCases: U;
  readonly handlers: (panel: StudioPanel<C>) => PanelHostHandlers<C, U>;
}

/** Of a panel that shows no pictures. */
export const noPictures: StudioPanelParts['places'] = {
  roots: () => Promise.resolve([]),
  rootsFor: () => Promise.resolve(undefined),
};

/** A new panel. A hidden one is torn down: its page keeps its place in its state, and fetches the rest again when it is shown. */
export function createStudioView(viewType: string, title: string): vscode.WebviewPanel {
  const options = { enableScripts: true, retainContextWhenHidden: false };
  return vscode.window.createWebviewPanel(viewType, title, vscode.ViewColumn.Active, options);
}

/** A panel of the studio beside its page: what it may load, and whoever of its lives is there now. */
export class StudioPanel<C extends PanelContract> implements Disposable {
  readonly view: vscode.WebviewPanel;
  readonly owned = new DisposableStore();
  readonly #ended = this.owned.add(new Emitter<undefined>());
  readonly #parts: StudioPanelParts & { readonly name: string };
  #bridge: PanelBridge<C> | undefined;

  /** Opens the page once it is known what it may load. */
  static open<C extends PanelContract, U extends PanelUseCases>(options: StudioPanelOptions<C, U>): StudioPanel<C> {
    const panel = new StudioPanel<C>(options);
    const { contract, useCases, engine } = options;
    const handlers = options.handlers(panel);
    const isVisible = (): boolean => panel.view.visible;
    panel.owned.add(
      acceptPanelSessions(
        panel.view.webview,
        (channel) => {
          const served = servePanel({
            ...{ channel, contract, useCases, engine, handlers, isVisible },
            onProtocolError: reportProtocolError,
          });
          panel.#bridge = served;
          return served;
        },
        reportProtocolError,
      ),
    );
    void options.places
      .roots()
      .then((roots) => panel.#fill(roots))
      .catch(options.reportError);
    return panel;
  }

  private constructor(options: StudioPanelParts & { readonly panel: vscode.WebviewPanel; readonly name: string }) {
    this.#parts = options;
    this.view = options.panel;
    this.view.onDidDispose(() => {
      this.#ended.fire(undefined);
      this.dispose();
    });
  }

  /** The person closed it. */
  get onEnd(): Event<undefined> {
    return this.#ended.event;
  }

  /** Tells the page; what is told while it is hidden is lost, and it fetches everything afresh when it is shown. */
  readonly emit: PanelBridge<C>['emit'] = (name, payload) => {
    if (!this.owned.isDisposed) this.#bridge?.emit(name, payload);
  };

  /** A file as the page can load it; lets the page load what it may not yet, which loads the page afresh. */
  async uriOf(file: string): Promise<string> {
    const roots = await this.#parts.places.rootsFor(file);
    if (roots !== undefined) this.#fill(roots);
    return this.view.webview.asWebviewUri(vscode.Uri.file(file)).toString();
  }

  dispose(): void {
    this.owned.dispose();
  }

  #fill(roots: readonly vscode.Uri[]): void {
    if (this.owned.isDisposed) return;
    const { extensionUri, name } = this.#parts;
    fillPanel(this.view.webview, extensionUri, { panel: name, title: this.view.title, roots });
  }
}
