import canonicalize from 'canonicalize';

import { LakesideError } from '../base/errors.ts';
import type { ExpectedFile, PlanHeader, PlanItem, PlanSummary } from '../protocol/planFile.ts';
import { type Blake3Hash, loadBlake3 } from './blake3.ts';

/** What a plan states before its items. */
export type PlanPreamble = Omit<PlanHeader, 'summary' | 'seal'>;

/** Characters gathered before they are hashed. */
const HASH_LENGTH = 64 * 1024;

/**
 * The seal of a plan, made as its items come: BLAKE3, in lower-case hex, of the RFC 8785 form of the plan without
 * `seal`. That form sorts keys, so items follow `from` and the summary may be known last.
 */
export class PlanSealer {
  readonly #preamble: PlanPreamble;
  readonly #hash: Blake3Hash = loadBlake3().createHash();
  #waiting: string;
  #first = true;

  constructor(preamble: PlanPreamble) {
    this.#preamble = preamble;
    this.#waiting = `{"format":${canonicalText(preamble.format)},"from":${canonicalText(preamble.from)},"items":[`;
  }

  add(item: PlanItem): void {
    this.#addText(canonicalItem(item));
  }

  /** For what is in the place of an item but is none: the seal tells whether it was there when the plan was made. */
  addUnchecked(value: unknown): void {
    try {
      this.#addText(canonicalText(value));
    } catch {
      // RFC 8785 has no form for it (text that is not Unicode), so no seal may fit.
      this.#addText('?');
    }
  }

  #addText(text: string): void {
    this.#waiting += this.#first ? text : `,${text}`;
    this.#first = false;
    if (this.#waiting.length >= HASH_LENGTH) this.#flush();
  }

  /** Ends the seal: 64 hex digits. */
  seal(summary: PlanSummary): string {
    const { kind, options, to, version } = this.#preamble;
    this.#waiting +=
      `],"kind":${canonicalText(kind)},"options":${canonicalText(options)},"summary":${canonicalText(summary)}` +
      `,"to":${canonicalText(to)},"version":${canonicalText(version)}}`;
    this.#flush();
    return this.#hash.digest().toString('hex');
  }

  #flush(): void {
    this.#hash.update(Buffer.from(this.#waiting));
    this.#waiting = '';
  }
}

/**
 * The RFC 8785 form of an item: keys in order, strings as JSON.stringify writes well-formed ones, integers in digits.
 * Sorting the keys of each of 100,000 items takes ten times as long.
 */
export function canonicalItem(item: PlanItem): string {
  const { direction, expect, fromPath, lastCopy, movedFrom, op, path, trashed } = item;
  const way = direction === undefined ? '' : `"direction":"${direction}",`;
  const states = `{"from":${canonicalState(expect.from)},"to":${canonicalState(expect.to)}}`;
  const source = fromPath === undefined ? '' : `"fromPath":${JSON.stringify(fromPath)},`;
  const named = lastCopy === undefined ? '' : '"lastCopy":true,';
  const moved = movedFrom === undefined ? '' : `"movedFrom":${JSON.stringify(movedFrom)},`;
  const trash = trashed === undefined ? '' : `,"trashed":${JSON.stringify(trashed)}`;
  return `{${way}"expect":${states},${source}${named}${moved}"op":"${op}","path":${JSON.stringify(path)}${trash}}`;
}

function canonicalState(file: ExpectedFile | null): string {
  if (file === null) return 'null';
  const hash = file.blake3 === undefined ? '' : `"blake3":"${file.blake3}",`;
  return `{${hash}"mtimeMs":${file.mtimeMs},"size":${file.size}}`;
}

function canonicalText(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new LakesideError('INTERNAL', 'unknown', 'A plan holds a value that JSON cannot say.');
  return text;
}
