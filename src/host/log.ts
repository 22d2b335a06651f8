import * as vscode from 'vscode';

import type { Disposable } from '../base/disposables.ts';
import type { EngineClient, EngineEvents } from './engineClient.ts';

/** The output channel *Lakeside*; what the engine logs goes to it, and to the engine's own files. */
export function createLog(): vscode.LogOutputChannel {
  return vscode.window.createOutputChannel('Lakeside', { log: true });
}

export function followEngineLog(engine: Pick<EngineClient, 'on'>, log: vscode.LogOutputChannel): Disposable {
  return engine.on('log', (entry) => writeEntry(log, entry));
}

function writeEntry(log: vscode.LogOutputChannel, { level, message, data }: EngineEvents['log']): void {
  const line = data === undefined ? message : `${message} ${data}`;
  switch (level) {
    case 'error':
      log.error(line);
      return;
    case 'warn':
      log.warn(line);
      return;
    case 'info':
      log.info(line);
      return;
    case 'debug':
      log.debug(line);
      return;
  }
}
