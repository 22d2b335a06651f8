import { exactSeed } from './looseJson.ts';
import { said, type SaidData } from './saidData.ts';

const NEGATIVE = 'Negative prompt:';

/** Whether a text is of the form that AUTOMATIC1111's web UI writes, as Forge and many others do after it. */
export function isA1111Text(text: string): boolean {
  return /(^|\n)Steps: \d/.test(text) || text.includes(`\n${NEGATIVE}`);
}

/**
 * Reads `prompt`, `Negative prompt: …`, then a line `Steps: 20, Sampler: Euler a, …` whose values are quoted where they
 * hold commas.
 */
export function readA1111(text: string): SaidData {
  const normal = text.replaceAll('\r\n', '\n').replace(/\0+$/, '').trim();
  const settingsAt = startOfSettings(normal);
  const prompts = normal.slice(0, settingsAt).trim();
  const negativeAt = startOfNegative(prompts);
  const settings = readSettings(normal.slice(settingsAt));
  const take = (...names: readonly string[]): string | undefined => {
    for (const name of names) {
      const value = settings.get(name);
      if (value === undefined) continue;
      settings.delete(name);
      return value;
    }
    return undefined;
  };
  const prompt = prompts.slice(0, negativeAt ?? prompts.length).trim();
  const size = settings.get('Size');
  if (size !== undefined && /^\d+x\d+$/.test(size)) settings.delete('Size');
  return said('a1111', {
    prompt,
    negative: negativeAt === undefined ? undefined : prompts.slice(negativeAt).trim().slice(NEGATIVE.length).trim(),
    steps: numberOf(take('Steps')),
    sampler: take('Sampler'),
    scheduler: take('Schedule type'),
    cfg: numberOf(take('CFG scale', 'Distilled CFG Scale')),
    seed: exactSeed(take('Seed') ?? ''),
    model: take('Model'),
    loras: lorasIn(prompt),
    more: Object.fromEntries(settings),
  });
}

/** Where the settings begin: the last line that starts with `Steps:`, or the end. */
function startOfSettings(text: string): number {
  const at = text.lastIndexOf('\nSteps: ');
  if (at >= 0) return at + 1;
  return text.startsWith('Steps: ') ? 0 : text.length;
}

function startOfNegative(prompts: string): number | undefined {
  if (prompts.startsWith(NEGATIVE)) return 0;
  const at = prompts.indexOf(`\n${NEGATIVE}`);
  return at < 0 ? undefined : at + 1;
}

/** `key: value` pairs between commas; a value in double quotes is a JSON text. */
function readSettings(text: string): Map<string, string> {
  const settings = new Map<string, string>();
  const pair = /\s*([^:,"\n][^:,\n]{0,100}):\s*("(?:\\.|[^\\"])*"|[^,\n]*)(?:,|\n|$)/y;
  for (let match = pair.exec(text); match !== null && settings.size < 1_000; match = pair.exec(text)) {
    const [, key = '', value = ''] = match;
    settings.set(key.trim(), unquote(value.trim()));
  }
  return settings;
}

function unquote(value: string): string {
  if (!value.startsWith('"')) return value;
  try {
    const text: unknown = JSON.parse(value);
    return typeof text === 'string' ? text : value;
  } catch {
    return value;
  }
}

function numberOf(text: string | undefined): number | undefined {
  const number = Number(text ?? '');
  return text !== undefined && text !== '' && Number.isFinite(number) ? number : undefined;
}

/** `<lora:name:0.8>` in the prompt. */
function lorasIn(prompt: string): { name: string; strength?: number }[] {
  return [...prompt.matchAll(/<(?:lora|lyco):([^:<>]{1,300})(?::([-\d.]{1,20}))?[^<>]{0,100}>/g)].map(
    ([, name = '', weight]) => {
      const strength = numberOf(weight);
      return { name, ...(strength === undefined ? {} : { strength }) };
    },
  );
}
