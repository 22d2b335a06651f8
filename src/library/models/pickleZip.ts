import type { ByteSource } from './byteSource.ts';
import { type Finding, quoteFromFile } from './finding.ts';
import type { PickleEvidence } from './pickleEvidence.ts';
import { walkPickles } from './pickleSequence.ts';
import { hasPickleName, isArchive, looksLikePickle, npyPickleOffset } from './pickleSniff.ts';
import type { PickleValue } from './pickleValues.ts';
import { ELEMENT_BYTES } from './torchTypes.ts';
import { MAX_ZIP_ENTRIES, readZipDirectory, type ZipEntry } from './zipDirectory.ts';
import { ZipEntryReader } from './zipEntry.ts';

const ROOT_PICKLE = /^(?:[^/]*\/)?data\.pkl$/;
const STORAGE_NAME = /^(?:[^/]*\/)?data\/([^/]+)$/;

/**
 * Walks every pickle in a zip file: those by name, and those by their first bytes. Torch since 1.6 keeps its object in
 * `<name>/data.pkl` and the numbers in `<name>/data/<key>`. Whatever could be read in two ways is a doubt. Undefined where
 * the file has no table of contents of a zip file.
 */
export function readPickleZip(
  source: ByteSource,
  evidence: PickleEvidence,
  findings: Finding[],
): { readonly root: PickleValue | undefined } | undefined {
  const directory = readZipDirectory(source);
  if (directory === undefined) return undefined;
  const doubts = new Set(directory.doubts);
  const entries = directory.entries.filter(({ name }) => !name.endsWith('/'));
  if (directory.entries.length >= MAX_ZIP_ENTRIES) doubts.add('has more entries than can be looked at');
  if (new Set(entries.map(({ name }) => name)).size < entries.length) doubts.add('has two entries of the same name');
  if (entries.filter(({ name }) => ROOT_PICKLE.test(name)).length > 1) doubts.add('has more than one data.pkl');
  if (entries.some(({ name }) => name.includes('/code/'))) doubts.add('holds a program (TorchScript)');
  if (overlaps(entries)) doubts.add('has entries that lie over one another');

  const walk = new ZipWalk(source, evidence, findings, doubts);
  const [byName, others] = [
    entries.filter(({ name }) => hasPickleName(name)),
    entries.filter(({ name }) => !hasPickleName(name)),
  ];
  // The pickles come first: they tell which other entries are only numbers.
  for (const entry of [...byName, ...others]) walk.visit(entry);
  for (const doubt of doubts) evidence.doubt(doubt);
  if (directory.doubts.length > 0) {
    findings.push({
      code: 'CORRUPT',
      message: `The zip file contradicts itself: it ${directory.doubts.join(' and it ')}. Do not load it, and get it again from its source.`,
    });
  }
  return { root: walk.root };
}

/** Entries that share bytes are no work of a program that writes zip files. */
function overlaps(entries: readonly ZipEntry[]): boolean {
  const sorted = entries.toSorted((left, right) => left.headerOffset - right.headerOffset);
  return sorted.some((entry, index) => {
    const next = sorted[index + 1];
    return next !== undefined && entry.headerOffset + entry.compressedSize > next.headerOffset;
  });
}

class ZipWalk {
  root: PickleValue | undefined;
  readonly #reader: ZipEntryReader;
  readonly #evidence: PickleEvidence;
  readonly #findings: Finding[];
  readonly #doubts: Set<string>;

  constructor(source: ByteSource, evidence: PickleEvidence, findings: Finding[], doubts: Set<string>) {
    this.#reader = new ZipEntryReader(source);
    this.#evidence = evidence;
    this.#findings = findings;
    this.#doubts = doubts;
  }

  visit(entry: ZipEntry): void {
    const located = this.#reader.locate(entry);
    if (located === undefined) {
      this.#doubts.add('has entries that are not where they should be');
      return;
    }
    for (const doubt of located.doubts) this.#doubts.add(doubt);
    if (this.#isStorage(entry)) return;
    const sample = this.#reader.sample(entry, located.offset);
    if (sample === undefined) {
      this.#doubts.add('has entries that cannot be unpacked');
      return;
    }
    if (isArchive(sample) || (sample[0] === 0x50 && sample[1] === 0x4b && sample[2] === 3)) {
      this.#doubts.add('holds another archive');
      return;
    }
    const offset = npyPickleOffset(sample);
    if (offset === 'no pickle') return;
    if (offset > 0 || hasPickleName(entry.name) || looksLikePickle(sample)) {
      this.#walk(entry, located.offset, offset);
    }
  }

  #walk(entry: ZipEntry, dataOffset: number, offset: number): void {
    const data = this.#reader.data(entry, dataOffset);
    if (data === undefined) {
      this.#doubts.add('has entries that cannot be unpacked');
      return;
    }
    const walked = walkPickles(data, offset, this.#evidence);
    for (const finding of walked.findings) this.#findings.push(finding);
    if (ROOT_PICKLE.test(entry.name)) this.root ??= walked.root;
  }

  /** Whether an entry holds the numbers of a storage that a pickle names; torch never unpickles those. */
  #isStorage(entry: ZipEntry): boolean {
    const storage = this.#evidence.storages.get(STORAGE_NAME.exec(entry.name)?.[1] ?? '');
    if (storage === undefined) return false;
    const expected = storage.elements * (ELEMENT_BYTES.get(storage.dtype ?? 'U8') ?? 1);
    if (entry.size !== expected && !this.#findings.some(({ code }) => code === 'TRUNCATED')) {
      this.#findings.push({
        code: entry.size < expected ? 'TRUNCATED' : 'CORRUPT',
        message: `The tensor ${quoteFromFile(entry.name)} has ${entry.size} bytes where ${expected} are needed. Get the file again from its source.`,
      });
    }
    return true;
  }
}
