const UNITS: Readonly<Record<string, number>> = { '': 0, B: 0, K: 1, M: 2, G: 3, T: 4, P: 5 };

/**
 * A size as people type it, in powers of 1024 as `formatBytes` writes it: `50 GB`, `1.5tb`, `800 MiB`.
 * @param bare the unit of a number that has none
 * @returns bytes; undefined where it is no size
 */
export function parseBytes(text: string, bare: 'B' | 'MB' | 'GB' = 'B'): number | undefined {
  const found = /^(\d+(?:[.,]\d+)?)\s*(?:([KMGTP])i?B?|B)?$/i.exec(text.trim());
  if (found === null) return undefined;
  const [, digits = '', letter] = found;
  const hasUnit = /[a-z]/i.test(text);
  const unit = hasUnit ? (letter ?? '').toUpperCase() : bare.replace(/B$/, '');
  const bytes = Math.round(Number(digits.replace(',', '.')) * 1024 ** (UNITS[unit] ?? 0));
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Inclusive, in bytes. */
export interface SizeRange {
  readonly minSize?: number;
  readonly maxSize?: number;
}

/** `1 GB - 6 GB`, `> 500 MB`, `< 2 GB`, or `1 GB`, which means at least that. Nothing at all is every size. */
export function parseSizeRange(text: string): SizeRange | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return {};
  const [first = '', second, ...rest] = trimmed.split(/\s*(?:-|–|\bto\b)\s*/);
  if (rest.length > 0) return undefined;
  if (second !== undefined) {
    const [minSize, maxSize] = [parseBytes(first, 'GB'), parseBytes(second, 'GB')];
    return minSize === undefined || maxSize === undefined || minSize > maxSize ? undefined : { minSize, maxSize };
  }
  const bytes = parseBytes(first.replace(/^[<>]=?\s*/, ''), 'GB');
  if (bytes === undefined) return undefined;
  return first.startsWith('<') ? { maxSize: bytes } : { minSize: bytes };
}
