import path from 'node:path';

import { LakesideError } from '../base/errors.ts';
import { readTextIfPresent } from '../base/atomicFile.ts';
import { BACKGROUND_SETTINGS_FILE, type Settings, settingsSchema } from '../protocol/settings.ts';
import { settingExpectation, showSettingValue } from '../protocol/settingExpectation.ts';
import { CONFIG_FILE, SETTING_VARIABLES } from './settingVariables.ts';

const WORDS: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  1: true,
  false: false,
  no: false,
  off: false,
  0: false,
};

/**
 * The settings of the command line: `lakeside.config.json` in the data dir, and over it the environment.
 * @returns undefined when neither says anything, so that the defaults stand
 * @throws LakesideError SETTING_INVALID, SETTING_UNKNOWN or CONFIG_FILE_INVALID, in one sentence
 */
export function readCliSettings(
  dataDir: string,
  environment: Readonly<Record<string, string | undefined>>,
): Settings | undefined {
  const given: Record<string, unknown> = {};
  const configFile = path.join(dataDir, CONFIG_FILE);
  for (const [name, value] of Object.entries(readConfigFile(configFile))) {
    const setting = settingNamed(name);
    if (setting === undefined) {
      const hint =
        settingNamed(name.replace(/^lakeside\./, '')) === undefined ? '' : ' Leave out `lakeside.` in this file.';
      throw new LakesideError(
        'SETTING_UNKNOWN',
        'validation',
        `${configFile} holds "${name}", which is no setting.${hint}`,
      );
    }
    given[setting] = checked(setting, value, `The setting ${name} in ${configFile}`);
  }
  for (const [variable, setting] of Object.entries(SETTING_VARIABLES)) {
    const text = environment[variable]?.trim();
    if (text === undefined || text === '') continue;
    given[setting] = checked(setting, valueOf(setting, text), `The environment variable ${variable}`);
  }
  return Object.keys(given).length === 0 ? undefined : settingsSchema.parse(given);
}

/**
 * The settings that the last window left for the process that finishes its queue.
 * @throws LakesideError BACKGROUND_SETTINGS: without them jobs would run other than the person wants it
 */
export function readBackgroundSettings(dataDir: string): Settings {
  const file = path.join(dataDir, BACKGROUND_SETTINGS_FILE);
  try {
    return settingsSchema.parse(JSON.parse(readTextIfPresent(file) ?? ''));
  } catch (error) {
    throw new LakesideError(
      'BACKGROUND_SETTINGS',
      'infra',
      `${file} does not hold the settings of a window. Open VS Code, and it goes on with the queue.`,
      { cause: error },
    );
  }
}

function readConfigFile(file: string): object {
  const text = readTextIfPresent(file);
  if (text === undefined) return {};
  let config: unknown;
  try {
    config = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LakesideError('CONFIG_FILE_INVALID', 'validation', `${file} is not valid JSON: ${reason}.`);
  }
  if (typeof config === 'object' && config !== null && !Array.isArray(config)) return config;
  throw new LakesideError('CONFIG_FILE_INVALID', 'validation', `${file} does not hold a JSON object of settings.`);
}

function settingNamed(name: string): keyof Settings | undefined {
  return settingsSchema.keyof().options.find((setting) => setting === name);
}

/** A variable is always text; what its setting expects says how to read it. */
function valueOf(setting: keyof Settings, text: string): unknown {
  const standard = settingsSchema.shape[setting].parse(undefined);
  if (typeof standard === 'boolean') return WORDS[text.toLowerCase()] ?? text;
  if (setting === 'comfyui.servers') return [{ name: 'comfyui', url: text }];
  if (typeof standard === 'number') return /^\d+$/.test(text) ? Number(text) : text;
  return setting === 'log.level' ? text.toLowerCase() : text;
}

function checked(setting: keyof Settings, value: unknown, what: string): unknown {
  const parsed = settingsSchema.shape[setting].safeParse(value);
  if (parsed.success) return parsed.data;
  throw new LakesideError(
    'SETTING_INVALID',
    'validation',
    `${what} is ${showSettingValue(value)}, but ${settingExpectation(setting)} is expected.`,
    { context: { setting } },
  );
}
