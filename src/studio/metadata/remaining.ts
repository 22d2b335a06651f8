import type { JsonObject } from './looseJson.ts';

/** The values that no field of ours took, as texts; empty ones are left out. */
export function remaining(object: JsonObject, used: ReadonlySet<string>): Record<string, string> {
  const entries = Object.entries(object).flatMap(([key, value]): [string, string][] => {
    if (used.has(key) || value === null || value === '') return [];
    return [[key, typeof value === 'string' ? value : JSON.stringify(value)]];
  });
  return Object.fromEntries(entries);
}
