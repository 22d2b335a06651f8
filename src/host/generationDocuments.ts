import path from 'node:path';
import * as vscode from 'vscode';

import { generationText } from './generationText.ts';
import type { CallUseCase } from '../protocol/useCases.ts';

/** The default of what follows; tests take their own, since one scheme has one writer. */
const SCHEME = 'lakeside-data';

/** Opens what an image says about how it was made. Throws where it cannot be read. */
export async function openGenerationData(call: CallUseCase, file: string, scheme = SCHEME): Promise<void> {
  // Read before, so that a file that is no image is an error and not an empty editor.
  await call('images.read', { path: file });
  const name = `/${path.basename(file)}.md`;
  const document = await vscode.workspace.openTextDocument(vscode.Uri.from({ scheme, path: name, query: file }));
  await vscode.window.showTextDocument(document, { preview: true });
}

/** Writes the documents that `openGenerationData` opens. */
export function registerGenerationDocuments(call: CallUseCase, scheme = SCHEME): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(scheme, {
    async provideTextDocumentContent({ query }) {
      const { data } = await call('images.read', { path: query });
      return generationText(path.basename(query), data);
    },
  });
}
