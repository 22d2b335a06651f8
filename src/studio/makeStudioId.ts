/** Crockford's base 32, lower case: no i, l, o, u, and in the order of their codes, so that texts sort as numbers do. */
const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_LENGTH = 9;

/**
 * An id for a row of the studio: nine digits of time, one for each byte of `random`. It sorts by the time it was made.
 * @param timeMs milliseconds since 1970; nine digits last until the year 3084
 * @param random seven bytes, of which each gives five bits
 */
export function makeStudioId(timeMs: number, random: Uint8Array): string {
  let time = '';
  for (let rest = timeMs; time.length < TIME_LENGTH; rest = Math.floor(rest / 32)) time = digit(rest % 32) + time;
  return time + Array.from(random, (byte) => digit(byte % 32)).join('');
}

function digit(value: number): string {
  return DIGITS.charAt(value);
}
