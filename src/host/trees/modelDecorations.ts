import * as vscode from 'vscode';
import * as z from 'zod';

import type { Decoration } from './differenceWords.ts';
import { isEntryNode, type ModelNode } from './modelNodes.ts';

/** Our own, so that no other extension decorates these rows and we decorate none but these. */
const SCHEME = 'lakeside';

const querySchema = z.object({ badge: z.string().optional(), tooltip: z.string(), color: z.string().optional() });

/**
 * The URI that stands for a row. The decoration is part of it: the editor asks again when the URI is another, so
 * nothing is kept, and nothing has to be told to it. The name at its end gives the row the icon of its file type.
 */
export function modelDecorationUri(node: ModelNode, decoration: Decoration | undefined): vscode.Uri | undefined {
  if (!isEntryNode(node)) return undefined;
  const path = `/${node.root.id}/${node.entry.path}`;
  const query = decoration === undefined ? '' : JSON.stringify(decoration);
  return vscode.Uri.from({ scheme: SCHEME, path, query });
}

export function registerModelDecorations(): vscode.Disposable {
  return vscode.window.registerFileDecorationProvider({
    provideFileDecoration(uri) {
      if (uri.scheme !== SCHEME || uri.query === '') return undefined;
      const { badge, tooltip, color } = querySchema.parse(JSON.parse(uri.query));
      return new vscode.FileDecoration(badge, tooltip, color === undefined ? undefined : new vscode.ThemeColor(color));
    },
  });
}
