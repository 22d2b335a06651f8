import { join } from 'node:path';

import { writePrivateFile } from '../base/atomicFile.ts';
import { startDetached } from '../base/detachedProcess.ts';
import { commandLineFile } from '../base/installation.ts';
import { BACKGROUND_SETTINGS_FILE } from '../protocol/settings.ts';
import type { Core } from './core.ts';

/**
 * Called as the last of its doings by an engine whose window closes: where the person wants it, no other window or
 * background process is left, and there is work that a plain process can do, starts one that finishes it. It takes over what
 * still runs here as soon as that is put back, or this process is gone.
 * @returns its pid; undefined where none was started
 */
export async function finishInBackground(core: Core): Promise<number | undefined> {
  const { store, queue, dataDir } = core;
  if (!core.settings()['queue.finishInBackground'] || !core.trusted() || !queue.isRunning || core.reloadNeeded()) {
    return undefined;
  }
  // Of several windows that close together exactly one finds nobody else. A command ends with what it was asked for.
  const left = await queue.leave();
  if (left.some(({ role }) => role !== 'command') || !store.queue.hasPlainWork()) return undefined;
  writePrivateFile(join(dataDir, BACKGROUND_SETTINGS_FILE), JSON.stringify(core.settings()));
  return startDetached({
    program: process.execPath,
    args: [commandLineFile, '--data-dir', dataDir, 'jobs', 'run', '--background'],
    environment: backgroundEnvironment(process.env),
    logFile: join(dataDir, 'logs', 'background.log'),
    onError: ({ message }) => core.log.write({ level: 'error', message: `No background process: ${message}` }),
  });
}

/** Without keys, and without what is meant for the editor's own processes; the editor's program then runs as plain Node. */
export function backgroundEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const kept = Object.entries(environment).filter(
    ([name]) => !/^(VSCODE_|ELECTRON_|NODE_OPTIONS$|LAKESIDE_API_KEY_|HF_TOKEN$|CIVITAI_API_KEY$)/i.test(name),
  );
  return { ...Object.fromEntries(kept), ELECTRON_RUN_AS_NODE: '1' };
}
