import path from 'node:path';
import * as vscode from 'vscode';

import { LakesideError } from '../../base/errors.ts';
import type { Services } from '../services.ts';
import { isEntryNode, type ModelNode, sourceOf } from '../trees/modelNodes.ts';
import type { CommandTable } from './commandTable.ts';
import { selectedNodes } from './selectedNodes.ts';

export function placeCommands(services: Services): CommandTable {
  const places = (args: readonly unknown[]): string[] => {
    const found = selectedNodes(services, args)
      .map(placeOf)
      .filter((place) => place !== undefined);
    if (found.length > 0) return found;
    throw new LakesideError('NOTHING_SELECTED', 'validation', 'Select a file or a folder in the view Models first.');
  };
  return {
    'lakeside.reveal': async (...args) => {
      const [place = ''] = places(args);
      await vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(place));
    },
    'lakeside.copyPath': async (...args) => vscode.env.clipboard.writeText(places(args).join('\n')),
  };
}

/** Where the file or folder of a row lies, as an absolute path in this platform's form. */
function placeOf(node: ModelNode): string | undefined {
  if (node.kind === 'root') return node.root.path;
  return isEntryNode(node) ? path.join(sourceOf(node).path, ...node.entry.path.split('/')) : undefined;
}
