/** Longest text that is parsed, in characters. */
const MAX_LENGTH = 16 * 1024 * 1024;

/**
 * Parses JSON as Python and ComfyUI write it: NaN and Infinity become null, and integers beyond what a number holds
 * exactly become texts, so that a seed of 64 bits stays the seed it was.
 * @returns undefined for what is no JSON, or is too long
 */
export function parseLooseJson(text: string): unknown {
  if (text.length > MAX_LENGTH) return undefined;
  try {
    return JSON.parse(needsCare(text) ? strictJson(text) : text);
  } catch {
    return undefined;
  }
}

function needsCare(text: string): boolean {
  return /\d{16}|NaN|Infinity/.test(text);
}

const TOKEN = /"|NaN|-?Infinity|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;

function strictJson(text: string): string {
  const parts: string[] = [];
  let copied = 0;
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const [token] = match;
    if (token === '"') {
      TOKEN.lastIndex = endOfString(text, match.index + 1);
      continue;
    }
    const replacement = strictToken(token);
    if (replacement === token) continue;
    parts.push(text.slice(copied, match.index), replacement);
    copied = match.index + token.length;
  }
  return parts.join('') + text.slice(copied);
}

/** Behind the closing quote, or the end of the text. */
function endOfString(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const sign = text.charCodeAt(at);
    if (sign === BACKSLASH) at++;
    else if (sign === QUOTE) return at + 1;
  }
  return text.length;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

function strictToken(token: string): string {
  if (/[NI]/.test(token)) return 'null';
  return /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function textIn(object: JsonObject, ...keys: readonly string[]): string | undefined {
  return firstIn(object, keys, (value) => (typeof value === 'string' && value !== '' ? value : undefined));
}

/** A number, also one that was written as text. */
export function numberIn(object: JsonObject, ...keys: readonly string[]): number | undefined {
  return firstIn(object, keys, (value) => {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
  });
}

/** A seed: a number where it is exact, else its digits. */
export function seedIn(object: JsonObject, ...keys: readonly string[]): number | string | undefined {
  return firstIn(object, keys, (value) => {
    if (typeof value !== 'number' && typeof value !== 'string') return undefined;
    return exactSeed(String(value));
  });
}

export function exactSeed(digits: string): number | string | undefined {
  if (!/^\d{1,30}$/.test(digits)) return undefined;
  return Number.isSafeInteger(Number(digits)) ? Number(digits) : digits;
}

function firstIn<T>(
  object: JsonObject,
  keys: readonly string[],
  take: (value: unknown) => T | undefined,
): T | undefined {
  for (const key of keys) {
    const taken = Object.hasOwn(object, key) ? take(object[key]) : undefined;
    if (taken !== undefined) return taken;
  }
  return undefined;
}
