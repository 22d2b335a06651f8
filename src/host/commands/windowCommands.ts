import * as vscode from 'vscode';

import type { Services } from '../services.ts';
import { openSettings } from '../openSettings.ts';
import { windowDataDir } from '../windowSettings.ts';
import type { CommandTable } from './commandTable.ts';

export function windowCommands({ engine, log }: Services, extensionId: string): CommandTable {
  return {
    'lakeside.showLog': () => log.show(),
    'lakeside.openSettings': () => openSettings(`@ext:${extensionId}`),
    'lakeside.openWalkthrough': () =>
      vscode.commands.executeCommand('workbench.action.openWalkthrough', `${extensionId}#start`, false),
    'lakeside.openDataFolder': async () => {
      const folder = vscode.Uri.file(windowDataDir());
      await vscode.workspace.fs.createDirectory(folder);
      await vscode.commands.executeCommand('revealFileInOS', folder);
    },
    'lakeside.restartEngine': () =>
      vscode.window.withProgress({ location: { viewId: 'lakeside.models' } }, () => engine.restart()),
  };
}
