import { InvalidArgumentError } from 'commander';

const UNITS = ['', 'K', 'M', 'G', 'T', 'P'] as const;

/** `50GB`, `1.5 TB`, `700` (bytes): powers of 1024, as sizes are shown. Throws what commander shows to the person. */
export function parseBytes(text: string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([KMGTP]?)(?:i?B)?\s*$/i.exec(text);
  const power = UNITS.findIndex((unit) => unit === (match?.[2] ?? '').toUpperCase());
  const bytes = Math.round(Number(match?.[1]) * 1024 ** power);
  if (match === null || !Number.isSafeInteger(bytes)) {
    throw new InvalidArgumentError('Give a size as 50GB, 700MB or a number of bytes.');
  }
  return bytes;
}

const DAYS: Readonly<Record<string, number>> = { d: 1, w: 7, m: 30, y: 365 };

/** `90d`, `8w`, `6m` (of 30 days), `1y`, or a number of days. Throws what commander shows to the person. */
export function parseDays(text: string): number {
  const match = /^\s*(\d+)\s*([dwmy]?)\s*$/i.exec(text);
  const days = Number(match?.[1]) * (DAYS[(match?.[2] ?? '').toLowerCase()] ?? 1);
  if (match === null || !Number.isSafeInteger(days)) {
    throw new InvalidArgumentError('Give a time as 90d, 8w, 6m, 1y or a number of days.');
  }
  return days;
}
