import { LATIN_LETTERS } from './latinLetters.ts';

/** Slugs: folder names made of what people call things. Lower-case letters, digits and single dashes, at most 64. */

const MAX_LENGTH = 64;

/**
 * Names of devices on Windows, where no folder may have them
 * (https://learn.microsoft.com/windows/win32/fileio/naming-a-file), and of the folder the archive lies in.
 */
const RESERVED = /^(con|prn|aux|nul|com[0-9]|lpt[0-9]|archive)$/;

/**
 * A slug made of a name.
 * @param fallback a slug itself: what a name is called that has no letter or digit to keep, and what is put behind one
 * that is reserved
 */
export function slugOf(name: string, fallback: string): string {
  const plain = name
    // Nothing behind it could come into the slug, and taking a name apart may make it many times as long.
    .slice(0, 4 * MAX_LENGTH)
    .normalize('NFKD')
    .replaceAll(/\p{Mark}/gu, '')
    .toLowerCase()
    .replaceAll(/[^\p{ASCII}]/gu, (letter) => LATIN_LETTERS.get(letter) ?? letter)
    // What is within a word does not part it: `don't`.
    .replaceAll(/['’]/g, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '');
  const slug = cut(plain, MAX_LENGTH);
  if (slug === '') return fallback;
  return RESERVED.test(slug) ? `${slug}-${fallback}` : slug;
}

/** The slug itself if it is free, else the first free one of `slug-2`, `slug-3` … */
export function freeSlug(slug: string, isTaken: (slug: string) => boolean): string {
  if (!isTaken(slug)) return slug;
  for (let number = 2; ; number++) {
    const ending = `-${number}`;
    const numbered = cut(slug, MAX_LENGTH - ending.length) + ending;
    if (!isTaken(numbered)) return numbered;
  }
}

function cut(slug: string, length: number): string {
  return slug.slice(0, length).replace(/-$/, '');
}
