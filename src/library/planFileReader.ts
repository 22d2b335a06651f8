import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';

import { fileError, LakesideError } from '../base/errors.ts';

/** What a plan file is made of, in the order in which it comes. Nothing of it is checked yet. */
export type PlanPart =
  | { readonly type: 'preamble'; readonly value: unknown }
  | { readonly type: 'items'; readonly values: readonly unknown[] }
  | { readonly type: 'seal'; readonly value: unknown };

/** A file that is no plan in lines; it may be one that another program laid out anew. */
export class NotInLines extends Error {}

/** Bytes of a file laid out anew that is still read as a whole. */
const MAX_WHOLE_BYTES = 64 * 1024 * 1024;
/** Characters of a line; paths are far shorter. */
const MAX_LINE_LENGTH = 1024 * 1024;
const MAX_PREAMBLE_LINES = 100;
const ITEMS_A_PART = 1_000;
const READ_BYTES = 256 * 1024;

/**
 * Reads a plan file line by line, as the writer lays it out: of any size, a thousand items at a time.
 * @throws NotInLines as soon as a line is not what the writer writes
 */
export async function* readPlanLines(path: string): AsyncGenerator<PlanPart> {
  const lines = readLines(path);
  let preamble = '';
  let preambleLines = 0;
  for (;;) {
    const line = await lines.next();
    if (line.done === true || preambleLines++ > MAX_PREAMBLE_LINES) throw new NotInLines();
    if (line.value === '"items":[') break;
    preamble += line.value;
  }
  if (!preamble.endsWith(',')) throw new NotInLines();
  yield { type: 'preamble', value: parseLine(`${preamble.slice(0, -1)}}`) };

  let values: unknown[] = [];
  let ended = false;
  for (;;) {
    const line = await lines.next();
    if (line.done === true) throw new NotInLines();
    if (line.value === '],') break;
    // Only the last item has no comma.
    if (ended) throw new NotInLines();
    ended = !line.value.endsWith(',');
    values.push(parseLine(ended ? line.value : line.value.slice(0, -1)));
    if (values.length < ITEMS_A_PART) continue;
    yield { type: 'items', values };
    values = [];
  }
  yield { type: 'items', values };

  let rest = '{';
  for await (const line of lines) rest += line;
  const end = parseLine(rest);
  if (!isRecord(end) || Object.keys(end).join() !== 'seal') throw new NotInLines();
  const { seal } = end;
  yield { type: 'seal', value: seal };
}

/**
 * Reads a plan file that another program laid out anew, as a whole.
 * @throws PLAN_TOO_LARGE above 64 MB, PLAN_FORMAT when it is not JSON
 */
export async function* readPlanWhole(path: string): AsyncGenerator<PlanPart> {
  const plan = await readJson(path);
  if (!isRecord(plan)) throw notAPlan(path);
  const { items, seal, ...preamble } = plan;
  yield { type: 'preamble', value: preamble };
  yield { type: 'items', values: Array.isArray(items) ? (items as unknown[]) : [items] };
  yield { type: 'seal', value: seal };
}

export function notAPlan(path: string): LakesideError {
  return new LakesideError(
    'PLAN_FORMAT',
    'validation',
    `${path} is not a plan of this Lakeside. Choose a *.lakeplan.json file, or make the plan anew.`,
    { context: { path } },
  );
}

/**
 * @throws PLAN_FORMAT where the path is no regular file: a folder has no text, and a pipe may never end
 */
export async function requirePlanFile(path: string): Promise<void> {
  let isFile: boolean;
  try {
    isFile = (await stat(path)).isFile();
  } catch (error) {
    throw fileError('read', path, error);
  }
  if (!isFile) throw notAPlan(path);
}

async function readJson(path: string): Promise<unknown> {
  let bytes: Buffer;
  try {
    const { size } = await stat(path);
    if (size > MAX_WHOLE_BYTES) {
      throw new LakesideError(
        'PLAN_TOO_LARGE',
        'validation',
        `${path} was laid out anew by another program and is too large to be read that way. Make the plan anew.`,
        { context: { path, bytes: size } },
      );
    }
    bytes = await readFile(path);
  } catch (error) {
    throw fileError('read', path, error);
  }
  try {
    // Byte order marks are dropped; bytes that are not UTF-8 fail.
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    throw notAPlan(path);
  }
}

function parseLine(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new NotInLines();
  }
}

/** Lines without their ends, of LF or CRLF. */
async function* readLines(path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  for await (const chunk of readChunks(path)) {
    const lines = (rest + decode(decoder, chunk)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE_LENGTH) throw new NotInLines();
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
  rest += decode(decoder);
  if (rest !== '') yield rest;
}

async function* readChunks(path: string): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES })) {
      if (Buffer.isBuffer(chunk)) yield chunk;
    }
  } catch (error) {
    throw fileError('read', path, error);
  }
}

function decode(decoder: TextDecoder, chunk?: Buffer): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch {
    throw new NotInLines();
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
