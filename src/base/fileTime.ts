/**
 * Whole milliseconds of a file time, as the index keeps them. Always rounded down, so that every part of the program
 * makes the same number of the same file: a comparison by equality then means "not touched".
 * @param mtimeMs `Stats.mtimeMs`: milliseconds since 1970, with a fraction
 */
export function wholeMilliseconds(mtimeMs: number): number {
  return Math.floor(mtimeMs);
}

/**
 * What to give to `utimes` so that reading the time back yields the same whole milliseconds.
 * A double of seconds is only good to a quarter of a microsecond and the system rounds down, which would turn .123 into
 * .122; one microsecond more keeps it inside its millisecond.
 * @returns seconds since 1970
 */
export function utimesSeconds(mtimeMs: number): number {
  return (mtimeMs + 0.001) / 1_000;
}
