import { readFileSync } from 'node:fs';
import * as vscode from 'vscode';

import { LakesideError } from '../../base/errors.ts';
import { createNonce, panelHtml, type PanelManifest, panelManifestSchema } from './panelHtml.ts';

/** Loads a panel into a webview. It may read its own bundle and what lies below `roots`, and nothing else. */
export function fillPanel(
  webview: vscode.Webview,
  extensionUri: vscode.Uri,
  content: { readonly panel: string; readonly title: string; readonly roots?: readonly vscode.Uri[] },
): void {
  const { panel, title, roots = [] } = content;
  const folder = vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
  const files = readManifest(vscode.Uri.joinPath(folder, 'manifest.json').fsPath)[panel];
  if (files === undefined) {
    throw new LakesideError('PANEL_MISSING', 'unknown', `The extension has no panel ${panel}. Reinstall it.`);
  }
  const uri = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(folder, name)).toString();
  webview.options = { enableScripts: true, enableForms: false, localResourceRoots: [folder, ...roots] };
  webview.html = panelHtml({
    panel,
    title,
    nonce: createNonce(),
    cspSource: webview.cspSource,
    language: vscode.env.language,
    script: uri(files.js),
    styles: files.css.map(uri),
  });
}

function readManifest(file: string): PanelManifest {
  try {
    return panelManifestSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new LakesideError('PANEL_MISSING', 'unknown', `Cannot read ${file}. Reinstall the extension.`, { cause });
  }
}
