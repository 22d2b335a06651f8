import * as vscode from 'vscode';

import { DisposableStore } from '../../base/disposables.ts';
import { formatBytes, formatQuantity } from '../../base/format.ts';
import { rootTitle } from '../../base/rootTitle.ts';
import {
  type Removal,
  TRASH_PANEL_USE_CASES,
  trashPanelContract,
  type TrashPanelContract,
} from '../../protocol/panels/trashPanel.ts';
import { askToLoseLastCopies } from '../planActions.ts';
import { requireTrust } from '../trust.ts';
import type { PanelEngine, PanelHostHandlers } from './panelBridge.ts';
import { sharedHandlers } from './panelHandlers.ts';
import { createStudioView, noPictures, StudioPanel } from './studioPanel.ts';

export const TRASH_VIEW_TYPE = 'lakeside.trash';

interface TrashPanelParts {
  readonly extensionUri: vscode.Uri;
  readonly engine: PanelEngine;
  readonly reportError: (error: unknown) => void;
}

/** The one Trash panel of a window. */
export class TrashPanel implements vscode.WebviewPanelSerializer, vscode.Disposable {
  readonly owned = new DisposableStore();
  readonly #parts: TrashPanelParts;
  #open: StudioPanel<TrashPanelContract> | undefined;
  #root: string | null = null;

  static register(
    { extensionUri }: Pick<vscode.ExtensionContext, 'extensionUri'>,
    engine: PanelEngine,
    reportError: (error: unknown) => void,
  ): TrashPanel {
    const panel = new TrashPanel({ extensionUri, engine, reportError });
    panel.owned.add(vscode.window.registerWebviewPanelSerializer(TRASH_VIEW_TYPE, panel));
    return panel;
  }

  private constructor(parts: TrashPanelParts) {
    this.#parts = parts;
  }

  /** @param root whose trash; all of them without */
  show(root: string | null): void {
    this.#root = root;
    if (this.#open === undefined) this.#fill(createStudioView(TRASH_VIEW_TYPE, 'Trash'));
    else {
      this.#open.view.reveal();
      this.#open.emit('shown', this.#shown());
    }
  }

  /** VS Code has the panel of the last session again; the page keeps whose trash it shows. */
  deserializeWebviewPanel(view: vscode.WebviewPanel): Promise<void> {
    if (this.#open !== undefined) view.dispose();
    else this.#fill(view);
    return Promise.resolve();
  }

  dispose(): void {
    this.owned.dispose();
    this.#open?.dispose();
  }

  #shown(): { root: string | null; trusted: boolean } {
    return { root: this.#root, trusted: vscode.workspace.isTrusted };
  }

  #fill(view: vscode.WebviewPanel): void {
    const opened = StudioPanel.open<TrashPanelContract, typeof TRASH_PANEL_USE_CASES>({
      ...this.#parts,
      places: noPictures,
      panel: view,
      name: 'trash',
      contract: trashPanelContract,
      useCases: TRASH_PANEL_USE_CASES,
      handlers: () => this.#handlers(),
    });
    opened.owned.add(vscode.workspace.onDidGrantWorkspaceTrust(() => opened.emit('shown', this.#shown())));
    opened.onEnd(() => (this.#open = undefined));
    this.#open = opened;
  }

  #handlers(): PanelHostHandlers<TrashPanelContract, typeof TRASH_PANEL_USE_CASES> {
    const { call } = this.#parts.engine;
    return {
      ...sharedHandlers,
      'trash.restore': (input, { signal, idempotencyKey }) => {
        requireTrust('nothing is restored');
        return call('trash.restore', input, { signal, idempotencyKey });
      },
      'trash.shown': () => this.#shown(),
      'trash.removeForGood': async (removal) => {
        requireTrust('nothing is removed');
        return { jobs: await this.#removeForGood(removal) };
      },
    };
  }

  /** Asks in numbers, then by name for what nobody else holds; that stays where the person wants it to. */
  async #removeForGood(removal: Removal): Promise<string[]> {
    const { entries, lastCopies } = removal;
    if (!(await askToRemove(removal))) return [];
    const named = lastCopies.length > 0 && (await askToLoseLastCopies(lastCopies.map(({ path }) => path)));
    const jobs: string[] = [];
    for (const { root, ids } of entries) {
      const last = lastCopies.filter((entry) => entry.root === root).map(({ id }) => id);
      const kept = named ? new Set<string>() : new Set(last);
      const removed = ids.filter((id) => !kept.has(id));
      if (removed.length === 0) continue;
      const lost = named && last.length > 0 ? { lastCopies: last } : {};
      jobs.push((await this.#parts.engine.call('trash.purge', { root, ids: removed, ...lost })).job);
    }
    return jobs;
  }
}

async function askToRemove({ entries, count, bytes, lastCopies }: Removal): Promise<boolean> {
  const roots = entries.map(({ root }) => rootTitle(root)).join(' and ');
  const message = `Remove ${formatQuantity(count, 'file')} (${formatBytes(bytes)}) from the trash of ${roots} for good?`;
  const detail = [
    'They are removed from the disk. Nothing brings them back from here.',
    lastCopies.length === 0
      ? 'Another folder holds the content of each.'
      : `${formatQuantity(lastCopies.length, 'of them is', 'of them are')} the last copy of its content: you are asked about that by name.`,
  ].join('\n');
  const button = `Remove ${formatQuantity(count, 'file')}`;
  return (await vscode.window.showWarningMessage(message, { modal: true, detail }, button)) === button;
}
