import { homedir } from 'node:os';
import * as vscode from 'vscode';

import { dataDir } from '../base/dataDir.ts';
import type { Settings } from '../protocol/settings.ts';
import type { CallUseCase } from '../protocol/useCases.ts';
import type { EngineClient } from './engineClient.ts';
import { openSettings } from './openSettings.ts';
import { readSettings } from './readSettings.ts';

const SECTION = 'lakeside';

/** Where the data dir of this window lies. Throws DATA_DIR_NOT_ABSOLUTE. */
export function windowDataDir(): string {
  const named = vscode.workspace.getConfiguration(SECTION).get('dataDir');
  return dataDir({
    named: typeof named === 'string' ? named : undefined,
    environment: process.env,
    platform: process.platform,
    homeDir: homedir(),
  });
}

/** Writes a setting for all windows of this machine. */
export async function writeSetting(name: keyof Settings, value: unknown): Promise<void> {
  await vscode.workspace.getConfiguration(SECTION).update(name, value, vscode.ConfigurationTarget.Global);
}

/** The settings of this window, for the engine. What is wrong is said once in each window. */
export class WindowSettings {
  readonly #log: vscode.LogOutputChannel;
  readonly #said = new Set<string>();

  constructor(log: vscode.LogOutputChannel) {
    this.#log = log;
  }

  /** Hands the settings to the engine and shows what it, or we, cannot take. */
  async push(call: CallUseCase): Promise<void> {
    const configuration = vscode.workspace.getConfiguration(SECTION);
    const { settings, problems } = readSettings((name) => configuration.get(name));
    const answer = await call('engine.configure', { settings, scanNew: true, trusted: vscode.workspace.isTrusted });
    const named = answer.problems.map(({ setting, message }) => ({ setting: `${SECTION}.${setting}`, message }));
    for (const problem of [...problems, ...named]) this.#warn(problem.setting, problem.message);
  }

  /** Pushes again whenever a setting changes, and when the workspace becomes trusted. */
  follow(engine: EngineClient, onError: (error: unknown) => void): vscode.Disposable {
    const push = (): void => {
      // A stopped engine is given the settings when it starts.
      if (engine.state.kind === 'ready') void this.push(engine.call).catch(onError);
    };
    return vscode.Disposable.from(
      vscode.workspace.onDidGrantWorkspaceTrust(push),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (!event.affectsConfiguration(SECTION)) return;
        if (event.affectsConfiguration(`${SECTION}.dataDir`)) void offerRestart(engine).catch(onError);
        push();
      }),
    );
  }

  #warn(setting: string, message: string): void {
    if (this.#said.has(message)) return;
    this.#said.add(message);
    this.#log.warn(message);
    void vscode.window.showWarningMessage(message, 'Open setting').then((chosen) => {
      if (chosen !== undefined) return openSettings(setting);
      return undefined;
    });
  }
}

async function offerRestart(engine: EngineClient): Promise<void> {
  if (engine.state.kind === 'stopped') return;
  const message = 'The data folder changed. Lakeside uses it once its engine has started again.';
  if ((await vscode.window.showInformationMessage(message, 'Restart engine')) === undefined) return;
  await engine.restart();
}
