import { isDeepStrictEqual } from 'node:util';

export interface ChangedFields<T> {
  readonly before: Partial<T>;
  readonly after: Partial<T>;
}

/** The fields of `after` that are not as before, as an audit keeps them; undefined when there is none. */
export function changedFields<T extends object>(before: T, after: T): ChangedFields<T> | undefined {
  const changed: { before: Partial<T>; after: Partial<T> } = { before: {}, after: {} };
  for (const key in after) {
    if (isDeepStrictEqual(before[key], after[key])) continue;
    changed.before[key] = before[key];
    changed.after[key] = after[key];
  }
  return Object.keys(changed.after).length === 0 ? undefined : changed;
}
