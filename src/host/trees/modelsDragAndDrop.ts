import path from 'node:path';
import * as vscode from 'vscode';

import type { Root } from '../../protocol/values.ts';
import { type EntryNode, isEntryNode, isModelNode, type ModelNode, sourceOf } from './modelNodes.ts';

/** The type the editor gives to what is dragged out of the view `lakeside.models`. */
const MIME = 'application/vnd.code.tree.lakeside.models';

/** Dragging files from one root to another makes the copy. */
export class ModelsDragAndDrop implements vscode.TreeDragAndDropController<ModelNode> {
  readonly dragMimeTypes = ['text/uri-list'];
  readonly dropMimeTypes = [MIME];
  readonly #copy: (nodes: readonly EntryNode[], to: Root) => Promise<void>;

  constructor(copy: (nodes: readonly EntryNode[], to: Root) => Promise<void>) {
    this.#copy = copy;
  }

  handleDrag(nodes: readonly ModelNode[], data: vscode.DataTransfer): void {
    const entries = nodes.filter(isEntryNode);
    if (entries.length === 0) return;
    data.set(MIME, new vscode.DataTransferItem(entries));
    // For other programs of the editor: where the files really lie.
    const uris = entries.map((node) => vscode.Uri.file(path.join(sourceOf(node).path, node.entry.path)).toString());
    data.set('text/uri-list', new vscode.DataTransferItem(uris.join('\r\n')));
  }

  async handleDrop(target: ModelNode | undefined, data: vscode.DataTransfer): Promise<void> {
    const dragged: unknown = data.get(MIME)?.value;
    if (target === undefined || target.kind === 'setRoot' || !Array.isArray(dragged)) return;
    const entries = dragged.filter(isModelNode).filter(isEntryNode);
    // Dropped where it came from: a slip of the hand, and no order.
    if (entries.every((node) => sourceOf(node).id === target.root.id)) return;
    await this.#copy(entries, target.root);
  }
}
