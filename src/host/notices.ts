import * as vscode from 'vscode';

import type { Disposable } from '../base/disposables.ts';
import type { EngineClient, EngineEvents } from './engineClient.ts';

/** Shows what the engine thinks a person should know. */
export function showNotices(engine: Pick<EngineClient, 'on'>): Disposable {
  return engine.on('notice', (notice) => void showNotice(notice));
}

async function showNotice({ level, code, message }: EngineEvents['notice']): Promise<void> {
  const reload = 'Reload window';
  const buttons = code === 'RELOAD_NEEDED' ? [reload] : [];
  const show = {
    info: vscode.window.showInformationMessage,
    warning: vscode.window.showWarningMessage,
    error: vscode.window.showErrorMessage,
  }[level];
  const chosen: string | undefined = await show(message, ...buttons);
  if (chosen === reload) await vscode.commands.executeCommand('workbench.action.reloadWindow');
}
