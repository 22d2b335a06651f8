/**
 * Lower-case letters that Unicode does not take apart into Latin ones (NFKD), spelt in them: those of the Latin, Greek and
 * Cyrillic alphabets. After https://unicode.org/cldr's Latin transforms, without their marks.
 */
export const LATIN_LETTERS: ReadonlyMap<string, string> = new Map([
  ...spelt('ßæœøðđþłħıŋŧ', 'ss ae oe o d d th l h i ng t'),
  ...spelt('αβγδεζηθικλμνξοπρσςτυφχψω', 'a v g d e z i th i k l m n x o p r s s t y f ch ps o'),
  ...spelt('абвгдежзиклмнопрстуфхцчшщыэюя', 'a b v g d e zh z i k l m n o p r s t u f kh ts ch sh shch y e yu ya'),
  ...spelt('єіґђјљњћџ', 'ye i g dj j lj nj c dz'),
  // The hard and the soft sign stand for no sound of their own.
  ['ъ', ''],
  ['ь', ''],
]);

function spelt(letters: string, inLatin: string): [string, string][] {
  const words = inLatin.split(' ');
  return Array.from(letters, (letter, index) => [letter, words[index] ?? '']);
}
