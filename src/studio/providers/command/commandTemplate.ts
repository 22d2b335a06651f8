import { LakesideError } from '../../../base/errors.ts';
import type { InputField } from '../../../protocol/studioValues.ts';

/** `{name}` in a word; any other brace stands for itself, so that JSON may be written as it is. */
const PLACEHOLDER = /\{([a-zA-Z][a-zA-Z0-9_]*)\}/g;

export type TemplateValues = Readonly<Record<string, string | number | boolean>>;

/** Names in braces, each once, in the order of the words. */
export function placeholdersOf(argv: readonly string[]): string[] {
  return [...new Set(argv.flatMap((word) => [...word.matchAll(PLACEHOLDER)].map(([, name = '']) => name)))];
}

/**
 * The words of a command with the values in their places. What a value holds is never taken apart again: a word stays one
 * word, and a value that looks like a placeholder is none.
 * @throws LakesideError VALUE_MISSING, VALUE_INVALID
 */
export function fillTemplate(argv: readonly string[], values: TemplateValues): string[] {
  return argv.map((word) =>
    word.replace(PLACEHOLDER, (_, name: string) => {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      if (value === undefined) {
        throw new LakesideError(
          'VALUE_MISSING',
          'validation',
          `The command wants a value for {${name}}, and there is none. Give it one, or take it out of the command.`,
          { context: { name } },
        );
      }
      const text = String(value);
      if (!text.includes('\0')) return text;
      throw new LakesideError('VALUE_INVALID', 'validation', `The value of {${name}} holds a null character.`);
    }),
  );
}

const KNOWN: readonly InputField[] = [
  { name: 'width', label: 'Width', type: 'integer', default: 1_024, min: 1, max: 65_535, step: 8 },
  { name: 'height', label: 'Height', type: 'integer', default: 1_024, min: 1, max: 65_535, step: 8 },
  { name: 'steps', label: 'Steps', type: 'integer', default: 20, min: 1, max: 1_000 },
  { name: 'cfg', label: 'Guidance', type: 'number', default: 7, min: 0, max: 100, step: 0.5 },
  { name: 'denoise', label: 'Denoise', type: 'number', default: 0.75, min: 0, max: 1, step: 0.05 },
  { name: 'image', label: 'Image', type: 'image' },
];

/** What the provider itself puts in. */
const OWN_PLACEHOLDERS = ['prompt', 'negative', 'promptFile', 'negativeFile', 'seed', 'output', 'outputDir'];

/** What a person can set: every other name in the words. */
export function fieldsOf(argv: readonly string[]): InputField[] {
  return placeholdersOf(argv)
    .filter((name) => !OWN_PLACEHOLDERS.includes(name))
    .map((name) => KNOWN.find((field) => field.name === name) ?? { name, label: labelOf(name), type: 'text' });
}

/** Values of the fields that have one by themselves. */
export function defaultValues(argv: readonly string[]): TemplateValues {
  return Object.fromEntries(
    fieldsOf(argv).flatMap(({ name, default: value }) => (value === undefined ? [] : [[name, value]])),
  );
}

/** `clipSkip` → `Clip skip`. */
function labelOf(name: string): string {
  const words = name.replace(/_/g, ' ').replace(/([a-z])([A-Z])/g, '$1 $2');
  return words.charAt(0).toUpperCase() + words.slice(1).toLowerCase();
}
