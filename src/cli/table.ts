export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

const GAP = '  ';

/** Rows under their titles, columns aligned, no space at the ends of lines. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const titles = columns.map(({ title }) => title);
  const withTitles = titles.every((title) => title === '') ? rows : [titles, ...rows];
  const widths = columns.map((_, index) => Math.max(0, ...withTitles.map((row) => displayWidth(row[index] ?? ''))));
  const line = (row: readonly string[]): string =>
    columns
      .map(({ align }, index) => {
        const text = row[index] ?? '';
        const space = ' '.repeat((widths[index] ?? 0) - displayWidth(text));
        return align === 'right' ? space + text : text + space;
      })
      .join(GAP)
      .trimEnd();
  return withTitles.map((row) => `${line(row)}\n`).join('');
}

/** Code points that no combining mark is part of; wide East Asian ones count two columns. */
function displayWidth(text: string): number {
  // The common case needs no table of Unicode.
  if (/^[\u0020-\u007E]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) {
    if (/\p{Mark}/u.test(character)) continue;
    width +=
      /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|\p{Emoji_Presentation}/u.test(
        character,
      )
        ? 2
        : 1;
  }
  return width;
}

/** What a person may have put into a file's name must not steer the terminal: control characters are shown, not sent. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Control}/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\x${code.toString(16).padStart(2, '0')}`;
  });
}
