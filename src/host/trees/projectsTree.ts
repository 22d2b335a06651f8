import * as vscode from 'vscode';

import { themeIcon } from './modelsTree.ts';
import type { StudioNode } from './projectNodes.ts';
import type { ProjectsModel } from './projectsModel.ts';
import { projectView } from './projectView.ts';

const COLLAPSIBLE = {
  never: vscode.TreeItemCollapsibleState.None,
  closed: vscode.TreeItemCollapsibleState.Collapsed,
  open: vscode.TreeItemCollapsibleState.Expanded,
} as const;

/** The tree *Projects*, for the editor. */
export class ProjectsTree implements vscode.TreeDataProvider<StudioNode>, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<StudioNode | undefined>();
  readonly #model: ProjectsModel;
  readonly #onError: (error: unknown) => void;

  constructor(model: ProjectsModel, onError: (error: unknown) => void) {
    this.#model = model;
    this.#onError = onError;
  }

  readonly onDidChangeTreeData = this.#changed.event;

  /** Fetches again what is open in the view. */
  refresh(): void {
    this.#changed.fire(undefined);
  }

  async getChildren(node?: StudioNode): Promise<StudioNode[]> {
    try {
      return await this.#model.children(node);
    } catch (error) {
      // A tree that throws keeps its old rows.
      this.#onError(error);
      return [];
    }
  }

  /** Needed to show a row that is not open yet. */
  async getParent(node: StudioNode): Promise<StudioNode | undefined> {
    return this.#model.parent(node);
  }

  getTreeItem(node: StudioNode): vscode.TreeItem {
    const view = projectView(node, Date.now());
    const item = new vscode.TreeItem(view.label, COLLAPSIBLE[view.open]);
    item.id = view.id;
    item.contextValue = view.context;
    if (view.description !== undefined) item.description = view.description;
    if (view.tooltip !== undefined && node.kind !== 'image') item.tooltip = view.tooltip;
    if (view.spoken !== undefined) item.accessibilityInformation = { label: view.spoken };
    if (view.icon !== undefined) item.iconPath = themeIcon(view.icon);
    if (view.command !== undefined) item.command = { command: view.command, title: view.label, arguments: [node] };
    return item;
  }

  /** An image is shown where the pointer rests on its row. */
  resolveTreeItem(item: vscode.TreeItem, node: StudioNode): vscode.TreeItem {
    if (node.kind !== 'image') return item;
    const text = new vscode.MarkdownString();
    text.appendMarkdown(`![](${vscode.Uri.file(node.image.path).toString()}|height=240)\n\n`);
    text.appendText(projectView(node, Date.now()).tooltip ?? '');
    item.tooltip = text;
    return item;
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
