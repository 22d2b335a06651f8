import { settingExpectation, showSettingValue } from '../protocol/settingExpectation.ts';
import { defaultSettings, type Settings, settingsSchema } from '../protocol/settings.ts';

export interface SettingProblem {
  /** The whole name: `lakeside.queue.concurrency`. */
  readonly setting: string;
  /** A sentence with the setting, its value and what is expected. */
  readonly message: string;
}

/**
 * Takes the settings one by one: a wrong one falls back to its default and is reported, the others count.
 * @param get the value of a setting by its name without `lakeside.`; undefined where it is not set
 */
export function readSettings(get: (name: keyof Settings) => unknown): {
  settings: Settings;
  problems: SettingProblem[];
} {
  const given: Record<string, unknown> = {};
  const problems: SettingProblem[] = [];
  for (const name of settingNames()) {
    const value = get(name);
    if (value === undefined) continue;
    const parsed = settingsSchema.shape[name].safeParse(value);
    if (parsed.success) given[name] = parsed.data;
    else problems.push(problemOf(name, value));
  }
  return { settings: settingsSchema.parse(given), problems };
}

/** The names of all settings the core takes. */
export function settingNames(): (keyof Settings)[] {
  return settingsSchema.keyof().options;
}

function problemOf(name: keyof Settings, value: unknown): SettingProblem {
  const standard = defaultSettings()[name];
  const used = typeof standard === 'object' ? 'the default' : `the default ${showSettingValue(standard)}`;
  return {
    setting: `lakeside.${name}`,
    message: `The setting lakeside.${name} is ${showSettingValue(value)}, but ${settingExpectation(name)} is expected; ${used} is used.`,
  };
}
