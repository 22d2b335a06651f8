export interface NumberRange {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly step?: number | undefined;
  readonly whole?: boolean;
}

/** What a typed text means as a number; undefined for none, `problem` where it may not be. */
export function readNumber(
  text: string,
  { min, max, whole = false }: NumberRange,
): { value?: number; problem?: string } {
  if (text.trim() === '') return {};
  const value = Number(text);
  if (!Number.isFinite(value)) return { problem: 'Not a number' };
  if (whole && !Number.isSafeInteger(value)) return { problem: 'A whole number' };
  if (min !== undefined && value < min) return { problem: `At least ${min}` };
  if (max !== undefined && value > max) return { problem: `At most ${max}` };
  return { value };
}
