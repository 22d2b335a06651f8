import type { Services } from '../services.ts';
import { type EntryNode, isEntryNode, isModelNode, type ModelNode } from '../trees/modelNodes.ts';

/**
 * The rows a command is meant for. The editor calls it with the row that was clicked and, when that row is part of a
 * selection, the selection; the palette and keys call it with nothing and mean the selection.
 */
export function selectedNodes({ modelsView }: Pick<Services, 'modelsView'>, args: readonly unknown[]): ModelNode[] {
  const [clicked, selection] = args;
  if (Array.isArray(selection) && selection.length > 0) return selection.filter(isModelNode);
  return isModelNode(clicked) ? [clicked] : [...modelsView.selection];
}

/** Only the rows that stand for files; those under a selected folder go with it. */
export function selectedEntries(services: Pick<Services, 'modelsView'>, args: readonly unknown[]): EntryNode[] {
  return withoutNested(selectedNodes(services, args).filter(isEntryNode));
}

function withoutNested(nodes: readonly EntryNode[]): EntryNode[] {
  return nodes.filter(
    (node) =>
      !nodes.some(
        (folder) =>
          folder.kind === 'folder' &&
          folder.root.id === node.root.id &&
          node.entry.path.startsWith(`${folder.entry.path}/`),
      ),
  );
}
