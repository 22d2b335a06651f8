import * as vscode from 'vscode';

/** Opens the settings that a query finds, where settings of scope `machine` can be changed in this window. */
export async function openSettings(query: string): Promise<void> {
  if (vscode.env.remoteName === undefined) await vscode.commands.executeCommand('workbench.action.openSettings', query);
  else await vscode.commands.executeCommand('workbench.action.openRemoteSettings', { query });
}
