import { foldName } from '../base/relpath.ts';
import type { MergedPrompt } from '../protocol/studioValues.ts';

type Source = MergedPrompt['parts'][number]['from'];

/** Texts that count for a prompt, each as it was written; what is left out is empty. */
export type PromptTexts = Readonly<Partial<Record<Source | 'negative', string>>>;

/** From the most particular to the most general: the order of the pieces, and who wins. */
const PRECEDENCE = ['prompt', 'item', 'project', 'brand', 'voice', 'user'] as const satisfies readonly Source[];

/** Lines of this name go to the negative prompt. */
const NEGATIVE = 'negative';
/** One to three words before a colon that a space or the end of the line follows; so neither `https://` nor `10:30`. */
const NAMED_LINE = /^(\p{L}[\p{L}\p{N}_-]*(?: [\p{L}\p{N}_-]+){0,2}):(?:\s+(.*))?$/u;

interface Line {
  readonly text: string;
  /** Folded; undefined for a line without a name. */
  readonly key: string | undefined;
  /** What stands behind the name, or the whole line. */
  readonly value: string;
}

/**
 * Puts the instructions of all scopes and the person's prompt together, by the rules of docs/studio.md: a named line of
 * a more particular scope takes the place of those of the same name, `negative:` lines go to the negative prompt, all
 * others add up.
 */
export function mergePrompt(texts: PromptTexts): MergedPrompt {
  const seen = new Set<string>();
  const negatives = new Phrases(texts.negative ?? '');
  const prompt: string[] = [];
  const parts: MergedPrompt['parts'] = [];
  const scopes = PRECEDENCE.map((from) => {
    const text = texts[from] ?? '';
    return { from, lines: from === 'prompt' ? linesAsTyped(text) : instructionLines(text) };
  });
  for (const [index, { from, lines }] of scopes.entries()) {
    const moreGeneral = new Set(scopes.slice(index + 1).flatMap((scope) => scope.lines.map(({ key }) => key)));
    const kept: string[] = [];
    const own: string[] = [];
    for (const line of lines) {
      if (line.key === NEGATIVE) {
        if (line.value !== '' && negatives.add(line.value)) own.push(line.text);
        continue;
      }
      // Blank lines and repeated ones are kept where a person typed them, in the prompt.
      const identity = line.key ?? `\n${foldName(line.text.trim())}`;
      if (seen.has(identity) && from !== 'prompt') continue;
      seen.add(identity);
      // A name without a value takes away what the more general scopes say; where they say nothing, it is a heading.
      if (line.key !== undefined && line.value === '' && moreGeneral.has(line.key)) continue;
      kept.push(line.text);
      own.push(line.text);
    }
    const piece = kept.join('\n').trim();
    if (piece !== '') prompt.push(piece);
    const text = own.join('\n').trim();
    if (text !== '') parts.unshift({ from, text });
  }
  return { prompt: prompt.reduce(joined, ''), negative: negatives.text, parts };
}

/** What a person typed stays as it is. */
function linesAsTyped(text: string): Line[] {
  return text.split(/\r\n|\r|\n/).map(lineOf);
}

/** Lines without the blank ones. Of each name the last counts; all negatives do. */
function instructionLines(text: string): Line[] {
  const lines = linesAsTyped(text).filter((line) => line.text.trim() !== '');
  const last = new Map(lines.map((line) => [line.key, line]));
  return lines
    .filter((line) => line.key === undefined || line.key === NEGATIVE || last.get(line.key) === line)
    .map((line) => ({ ...line, text: line.text.trim() }));
}

function lineOf(text: string): Line {
  const [, name, value = ''] = NAMED_LINE.exec(text.trim()) ?? [];
  if (name === undefined) return { text, key: undefined, value: text };
  const key = foldName(name);
  return { text, key: key === 'negative prompt' ? NEGATIVE : key, value: value.trim() };
}

/** Two pieces, parted so that a text encoder that knows no lines does not read them as one phrase. */
function joined(before: string, after: string): string {
  if (before === '') return after;
  return /[\p{L}\p{N})\]"”>]$/u.test(before) ? `${before},\n${after}` : `${before}\n${after}`;
}

/** Phrases with commas between them, each once; those that a person typed stay as they are. */
class Phrases {
  readonly #seen: Set<string>;
  text: string;

  constructor(typed: string) {
    this.text = typed.trim();
    this.#seen = new Set(this.text.split(',').map(foldPhrase));
  }

  /** Adds the phrases that are not there yet; false if there is none. */
  add(phrases: string): boolean {
    const before = this.text;
    for (const phrase of phrases.split(',').map((part) => part.trim())) {
      if (phrase === '' || this.#seen.has(foldPhrase(phrase))) continue;
      this.#seen.add(foldPhrase(phrase));
      this.text += this.text === '' || this.text.endsWith(',') ? phrase : `, ${phrase}`;
    }
    return this.text !== before;
  }
}

function foldPhrase(phrase: string): string {
  return foldName(phrase.trim());
}
