import path from 'node:path';

import type { Engine } from '../../src/engine.ts';
import { defaultSettings, type Settings } from '../../src/protocol/settings.ts';
import { projectDir } from './projectDir.ts';

export type CommandSetting = Settings['studio.commands'][number];

/** A command that runs the generator of the tests. */
export function generatorCommand(args: readonly string[], fields: Partial<CommandSetting> = {}): CommandSetting {
  const program = path.join(projectDir, 'test', 'support', 'fakeGenerator.mjs');
  return { name: 'generator', argv: [process.execPath, program, '--out', '{output}', ...args], ...fields };
}

/** Gives an engine these commands, and no server that could answer. */
export async function setCommands(engine: Engine, ...commands: CommandSetting[]): Promise<void> {
  await engine.call('engine.configure', { settings: commandSettings(...commands), trusted: true });
}

export function commandSettings(...commands: CommandSetting[]): Settings {
  return { ...defaultSettings(), 'comfyui.servers': [], 'studio.commands': commands, 'queue.retryCount': 0 };
}
