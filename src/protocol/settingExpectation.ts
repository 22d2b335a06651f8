import * as z from 'zod';

import { type Settings, settingsSchema } from './settings.ts';

const expectedSchema = z.object({
  type: z.string().optional(),
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
});

/** What a setting expects, in words that come from its schema: `a whole number from 1 to 16`. */
export function settingExpectation(name: keyof Settings): string {
  if (name === 'roots') return 'a list of {"name": …, "path": …}';
  if (name === 'comfyui.servers') return 'a list of {"name": …, "url": "http…"}';
  if (name === 'studio.commands') return 'a list of {"name": …, "argv": ["program", …]}';
  if (name === 'studio.apis') return 'a list of {"name": …, "url": "http…"}';
  if (name === 'transfer.bandwidth')
    return 'a number of megabytes a second, such as 20, or {"megabytesPerSecond": 20, "timetable": […]}';
  if (name === 'plan.maxDelete') return '{"count": …, "percent": …}';
  if (name === 'ignore') return 'a list of patterns';
  const expected = expectedSchema.parse(z.toJSONSchema(settingsSchema.shape[name], { io: 'input' }));
  if (expected.enum !== undefined) return `one of ${expected.enum.join(', ')}`;
  if (expected.type === 'boolean') return 'true or false';
  if (expected.type === 'integer') return `a whole number from ${expected.minimum ?? 0} to ${expected.maximum ?? '…'}`;
  return 'a text';
}

/** A value as a sentence shows it, cut where it is long. */
export function showSettingValue(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
