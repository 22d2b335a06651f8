import * as vscode from 'vscode';

import { LakesideError } from '../../base/errors.ts';
import type { Root } from '../../protocol/values.ts';
import type { Services } from '../services.ts';
import { isModelNode, rootLabel } from '../trees/modelNodes.ts';
import type { CommandTable } from './commandTable.ts';
import { addFurtherRoot, localFolder, removeRoot, setMainRoot } from './setRoot.ts';

export function rootCommands(services: Services): CommandTable {
  return {
    'lakeside.setLocalFolder': () => setMainRoot(services, 'local'),
    'lakeside.setLakeFolder': () => setMainRoot(services, 'lake'),
    'lakeside.addRoot': () => addFurtherRoot(services),
    'lakeside.useAsLocal': (uri) => setMainRoot(services, 'local', folderOf(uri)),
    'lakeside.useAsLake': (uri) => setMainRoot(services, 'lake', folderOf(uri)),
    'lakeside.useAsFurtherRoot': (uri) => addFurtherRoot(services, folderOf(uri)),
    'lakeside.removeRoot': async (node) => {
      const root = rootOf(node) ?? (await pickRoot(services, 'Which folder should Lakeside forget?'));
      if (root !== undefined) await removeRoot(services, root);
    },
  };
}

/** The root a command was called on in the tree. */
export function rootOf(node: unknown): Root | undefined {
  return isModelNode(node) && node.kind !== 'setRoot' ? node.root : undefined;
}

/** One of the roots, by the person's choice where there are several. Throws NO_ROOTS. */
export async function pickRoot(services: Services, title: string, from?: readonly Root[]): Promise<Root | undefined> {
  const roots = from ?? (await services.models.refreshRoots());
  if (roots.length === 0) throw noRoots();
  if (roots.length === 1) return roots[0];
  const items = roots.map((root) => ({ label: rootLabel(root), description: root.path, root }));
  return (await vscode.window.showQuickPick(items, { title, matchOnDescription: true }))?.root;
}

export function noRoots(): LakesideError {
  return new LakesideError('NO_ROOTS', 'validation', 'No folder is set yet. Set the Local and the Lake folder first.');
}

function folderOf(uri: unknown): string {
  if (uri instanceof vscode.Uri) return localFolder(uri);
  throw new LakesideError('INVALID_INPUT', 'validation', 'Choose a folder in the Explorer first.');
}
