import * as vscode from 'vscode';

import { openGenerationData } from '../generationDocuments.ts';
import type { StudioServices } from '../services.ts';
import { isStudioNode } from '../trees/projectNodes.ts';
import type { CommandTable } from './commandTable.ts';
import { chooseImage, localFile } from './studioFiles.ts';

/** *Show generation data*, on a file of the Explorer, an image of the tree, the image one looks at, or one to choose. */
export function generationDataCommands({ call }: StudioServices): CommandTable {
  return {
    'lakeside.showGenerationData': async (of) => {
      const file = fileOf(of) ?? openImage() ?? (await chooseImage('Show generation data'));
      if (file !== undefined) await openGenerationData(call, file);
    },
  };
}

function fileOf(of: unknown): string | undefined {
  if (of instanceof vscode.Uri) return localFile(of);
  return isStudioNode(of) && of.kind === 'image' ? of.image.path : undefined;
}

/** The image in the active editor. */
function openImage(): string | undefined {
  const input: unknown = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (!(input instanceof vscode.TabInputCustom) || !/\.(png|jpe?g|webp)$/i.test(input.uri.path)) return undefined;
  return input.uri.scheme === 'file' ? input.uri.fsPath : undefined;
}
