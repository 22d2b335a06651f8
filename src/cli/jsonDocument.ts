import type { Terminal } from './terminal.ts';

/** Characters gathered before they are written: one system call for some thousand items. */
const CHUNK_LENGTH = 256 * 1024;

/** One JSON document on one line. */
export async function writeDocument(terminal: Terminal, document: unknown): Promise<void> {
  await terminal.write(`${JSON.stringify(document)}\n`);
}

export interface ListDocument {
  /** Fields before the list. */
  readonly head?: Readonly<Record<string, unknown>>;
  /** The name of the list. */
  readonly list: string;
  readonly items: Iterable<unknown> | AsyncIterable<readonly unknown[]>;
  /** Fields after the list. */
  readonly tail?: Readonly<Record<string, unknown>>;
}

/** One JSON object with a list of any length, an item a line, written as it comes. */
export async function writeListDocument(terminal: Terminal, document: ListDocument): Promise<void> {
  const { head = {}, list, items, tail = {} } = document;
  let text = `${JSON.stringify(head).slice(0, -1)}${isEmpty(head) ? '' : ','}${JSON.stringify(list)}:[`;
  let separator = '\n';
  for await (const page of pagesOf(items)) {
    for (const item of page) {
      text += separator + JSON.stringify(item);
      separator = ',\n';
      if (text.length < CHUNK_LENGTH) continue;
      await terminal.write(text);
      text = '';
    }
    if (terminal.isClosed) return;
  }
  if (separator !== '\n') text += '\n';
  await terminal.write(`${text}]${isEmpty(tail) ? '' : ','}${JSON.stringify(tail).slice(1)}\n`);
}

async function* pagesOf(items: ListDocument['items']): AsyncGenerator<Iterable<unknown>> {
  if (Symbol.asyncIterator in items) yield* items;
  else yield items;
}

function isEmpty(fields: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(fields).length === 0;
}
