import * as vscode from 'vscode';

import { isCanceled, LakesideError, toLakesideError } from '../base/errors.ts';
import type { EngineClient } from './engineClient.ts';
import { openSettings } from './openSettings.ts';

interface Remedy {
  readonly title: string;
  readonly run: () => Thenable<unknown>;
}

const command = (title: string, id: string): Remedy => ({ title, run: () => vscode.commands.executeCommand(id) });
const setting = (name: string): Remedy => ({ title: 'Open setting', run: () => openSettings(name) });

const showLog = command('Show log', 'lakeside.showLog');
const restart = command('Restart', 'lakeside.restartEngine');
const providers = command('Show image providers', 'lakeside.showProviders');
const reload = command('Reload window', 'workbench.action.reloadWindow');

/** What helps, by the error's code. */
const REMEDIES: Readonly<Record<string, readonly Remedy[]>> = {
  ROOT_NOT_SCANNED: [command('Scan now', 'lakeside.scanAll')],
  NO_ROOTS: [command('Open walkthrough', 'lakeside.openWalkthrough')],
  ENGINE_CRASHED: [restart, showLog],
  ENGINE_START_FAILED: [restart, showLog],
  CLOSED: [showLog],
  TIMEOUT: [showLog],
  INTERNAL: [showLog],
  DATA_DIR_NOT_ABSOLUTE: [setting('lakeside.dataDir')],
  DATA_DIR_NOT_WRITABLE: [setting('lakeside.dataDir'), restart],
  DATA_DIR_ON_NETWORK: [setting('lakeside.dataDir')],
  DATABASE_CORRUPT: [command('Open data folder', 'lakeside.openDataFolder'), showLog],
  SCHEMA_NEWER: [reload, showLog],
  RELOAD_NEEDED: [reload],
  UNC_HOST_NOT_ALLOWED: [setting('security.allowedUNCHosts')],
  PROVIDER_AWAY: [providers],
  PROVIDER_NONE: [providers],
  PROVIDER_UNKNOWN: [providers],
  WORKSPACE_UNTRUSTED: [command('Manage workspace trust', 'workbench.trust.manage')],
};

/** Shows an error as its one sentence with a button that helps, and logs it whole. A cancellation is no error. */
export async function showError(log: vscode.LogOutputChannel, thrown: unknown): Promise<void> {
  if (isCanceled(thrown)) return;
  const error = toLakesideError(thrown);
  logError(log, error);
  const remedies = REMEDIES[error.code] ?? (error.category === 'unknown' ? [showLog] : []);
  const chosen = await vscode.window.showErrorMessage(error.message, ...remedies.map(({ title }) => title));
  await remedies.find(({ title }) => title === chosen)?.run();
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
