import * as vscode from 'vscode';

import { isCanceled, LakesideError, toLakesideError } from '../base/errors.ts';
import type { EngineClient } from './engineClient.ts';

interface Remedy {
  readonly title: string;
  readonly command: string;
  readonly args?: readonly unknown[];
}

const showLog: Remedy = { title: 'Show log', command: 'lakeside.showLog' };
const restart: Remedy = { title: 'Restart', command: 'lakeside.restartEngine' };
const scan: Remedy = { title: 'Scan now', command: 'lakeside.scanAll' };

/** What helps, by the error's code. */
const REMEDIES: Readonly<Record<string, readonly Remedy[]>> = {
  ROOT_NOT_SCANNED: [scan],
  ENGINE_CRASHED: [restart, showLog],
  ENGINE_START_FAILED: [restart, showLog],
  CLOSED: [showLog],
  TIMEOUT: [showLog],
  INTERNAL: [showLog],
  DATA_DIR_NOT_ABSOLUTE: [
    { title: 'Open setting', command: 'workbench.action.openSettings', args: ['lakeside.dataDir'] },
  ],
  UNC_HOST_NOT_ALLOWED: [
    { title: 'Open setting', command: 'workbench.action.openSettings', args: ['security.allowedUNCHosts'] },
  ],
  RELOAD_NEEDED: [{ title: 'Reload window', command: 'workbench.action.reloadWindow' }],
  SCHEMA_NEWER: [{ title: 'Reload window', command: 'workbench.action.reloadWindow' }, showLog],
  WORKSPACE_UNTRUSTED: [{ title: 'Manage workspace trust', command: 'workbench.trust.manage' }],
};

/** Shows an error as its one sentence with a button that helps, and logs it whole. A cancellation is no error. */
export async function showError(log: vscode.LogOutputChannel, thrown: unknown): Promise<void> {
  if (isCanceled(thrown)) return;
  const error = toLakesideError(thrown);
  logError(log, error);
  const remedies = REMEDIES[error.code] ?? (error.category === 'unknown' ? [showLog] : []);
  const chosen = await vscode.window.showErrorMessage(error.message, ...remedies.map(({ title }) => title));
  const remedy = remedies.find(({ title }) => title === chosen);
  if (remedy !== undefined) await vscode.commands.executeCommand(remedy.command, ...(remedy.args ?? []));
}

export function logError(log: vscode.LogOutputChannel, thrown: unknown): void {
  const error = toLakesideError(thrown);
  const cause = error.cause instanceof Error ? `\n${error.cause.stack ?? error.cause.message}` : '';
  log.error(`${error.code}: ${error.message}${cause}`);
}

/** Whether the error only says that the engine is not there, which its state says already. */
export function isEngineAway(engine: Pick<EngineClient, 'state'>, thrown: unknown): boolean {
  const { state } = engine;
  if (state.kind === 'failed' && state.error === thrown) return true;
  return thrown instanceof LakesideError && thrown.code === 'CLOSED';
}
