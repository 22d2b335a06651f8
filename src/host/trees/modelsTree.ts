import * as vscode from 'vscode';

import { modelDecorationUri } from './modelDecorations.ts';
import type { ModelNode } from './modelNodes.ts';
import type { ModelsModel } from './modelsModel.ts';
import { modelView, type ViewIcon } from './modelView.ts';

/** The tree *Models*, for the editor. */
export class ModelsTree implements vscode.TreeDataProvider<ModelNode>, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<ModelNode | undefined>();
  readonly #model: ModelsModel;
  readonly #onError: (error: unknown) => void;

  constructor(model: ModelsModel, onError: (error: unknown) => void) {
    this.#model = model;
    this.#onError = onError;
  }

  readonly onDidChangeTreeData = this.#changed.event;

  /** Fetches again what is open in the view. */
  refresh(): void {
    this.#changed.fire(undefined);
  }

  async getChildren(node?: ModelNode): Promise<ModelNode[]> {
    try {
      return await this.#model.children(node);
    } catch (error) {
      // A tree that throws keeps its old rows.
      this.#onError(error);
      return [];
    }
  }

  getTreeItem(node: ModelNode): vscode.TreeItem {
    const view = modelView(node);
    const item = new vscode.TreeItem(view.label, COLLAPSIBLE[view.open]);
    item.id = view.id;
    item.contextValue = view.context;
    if (view.description !== undefined) item.description = view.description;
    if (view.tooltip !== undefined) item.tooltip = view.tooltip;
    if (view.spoken !== undefined) item.accessibilityInformation = { label: view.spoken };
    if (view.icon !== undefined) item.iconPath = themeIcon(view.icon);
    const uri = modelDecorationUri(node, view.decoration);
    if (uri !== undefined) item.resourceUri = uri;
    if (view.command !== undefined) item.command = { command: view.command, title: view.label, arguments: [node] };
    return item;
  }

  dispose(): void {
    this.#changed.dispose();
  }
}

const COLLAPSIBLE = {
  never: vscode.TreeItemCollapsibleState.None,
  closed: vscode.TreeItemCollapsibleState.Collapsed,
  open: vscode.TreeItemCollapsibleState.Expanded,
} as const;

export function themeIcon({ id, color }: ViewIcon): vscode.ThemeIcon {
  return color === undefined ? new vscode.ThemeIcon(id) : new vscode.ThemeIcon(id, new vscode.ThemeColor(color));
}
