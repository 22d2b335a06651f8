/**
 * What can be wrong with a model file. `CORRUPT`: its structure contradicts itself. `TRUNCATED`: its end is missing.
 * `PADDED`: bytes follow its end. `WRONG_EXTENSION`: it is of another format than its name says. `TOO_LARGE`: its header
 * is larger than we read. `UNKNOWN_DTYPE`: numbers of a type we do not know. `MALFORMED_METADATA`: the tensors are sound,
 * what is told of them is not. `UNSUPPORTED`: a version or variant of the format that we cannot read.
 */
export const FINDING_CODES = [
  'CORRUPT',
  'TRUNCATED',
  'PADDED',
  'WRONG_EXTENSION',
  'TOO_LARGE',
  'UNKNOWN_DTYPE',
  'MALFORMED_METADATA',
  'UNSUPPORTED',
] as const;
export type FindingCode = (typeof FINDING_CODES)[number];

/** What a reader says of a file that is not as it should be. */
export interface Finding {
  readonly code: FindingCode;
  /** One plain sentence for the person: what is wrong, and what to do. */
  readonly message: string;
}

const MAX_QUOTED = 80;

/** Text of a file as it may stand in a message: in quotes, short, and without what a terminal or a page would obey. */
export function quoteFromFile(text: string): string {
  const characters = Array.from(text.slice(0, 2 * MAX_QUOTED).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '\u{fffd}'));
  const cut = characters.length > MAX_QUOTED || text.length > 2 * MAX_QUOTED;
  return `"${characters.slice(0, MAX_QUOTED).join('')}${cut ? '…' : ''}"`;
}
