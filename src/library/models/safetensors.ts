import { LakesideError } from '../../base/errors.ts';
import { type ByteSource, READ_BUDGET_BYTES } from './byteSource.ts';
import { type Finding, quoteFromFile } from './finding.ts';
import { foreignFormat } from './foreignFormat.ts';
import { HeaderScanner, HeaderSyntaxError } from './headerScanner.ts';
import { SafetensorsHeader } from './safetensorsHeader.ts';
import { layoutFindings, type SafeTensor } from './safetensorsLayout.ts';
import { countParameters } from './tensorInfo.ts';

/** What the header of a safetensors file says, as far as it could be read. */
export interface Safetensors {
  readonly tensors: readonly SafeTensor[];
  /** `__metadata__`, without what is not text. */
  readonly metadata: ReadonlyMap<string, string>;
  /** Bytes of the file. */
  readonly fileBytes: number;
  /** Bytes of all tensors, as the header says. */
  readonly tensorBytes: number;
  /** Numbers in all tensors, as they are stored: what is packed counts as packed. */
  readonly parameters: number;
  readonly parametersByDtype: ReadonlyMap<string, number>;
  readonly findings: readonly Finding[];
}

/** As the format bounds it. */
const FORMAT_MAX_HEADER_BYTES = 100_000_000;
const LENGTH_BYTES = 8;
const HEAD_BYTES = 256;
const OPEN_BRACE = 0x7b;
const EXTENSIONS: ReadonlySet<string> = new Set(['.safetensors', '.sft']);
const AGAIN = 'Get the file again from its source.';

/**
 * Reads the header: a length (u64, little-endian), JSON of that length, then the tensors' data
 * (https://github.com/huggingface/safetensors, "Format"). No tensor is read.
 * @param extension of the file's name, with its dot, in lower case; left out where it does not matter
 * @throws by errno, as the source does
 */
export function readSafetensors(source: ByteSource, extension?: string): Safetensors {
  const findings: Finding[] = [];
  const header = new SafetensorsHeader(findings);
  try {
    const length = headerLength(source, findings);
    if (length !== undefined) {
      if (extension !== undefined && !EXTENSIONS.has(extension)) findings.push(wrongExtension(extension));
      header.read(new HeaderScanner(source, LENGTH_BYTES, LENGTH_BYTES + length));
      if (header.complete) {
        findings.push(...layoutFindings(header.tensors, source.size - LENGTH_BYTES - length));
      }
    }
  } catch (error) {
    findings.push(findingOf(error));
  }
  const { total, byDtype } = countParameters(header.tensors);
  return {
    tensors: header.tensors,
    metadata: header.metadata,
    fileBytes: source.size,
    tensorBytes: tensorBytes(header.tensors),
    parameters: total,
    parametersByDtype: byDtype,
    findings,
  };
}

/** Undefined, with a finding, where there is no header that can be read. */
function headerLength(source: ByteSource, findings: Finding[]): number | undefined {
  const head = source.read(0, HEAD_BYTES);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const length = head.length < LENGTH_BYTES ? 0n : view.getBigUint64(0, true);
  const begins = head[LENGTH_BYTES] === OPEN_BRACE;
  const finding = begins && length > 0n ? lengthFinding(length, source.size) : notSafetensors(head, source.size);
  if (finding === undefined) return Number(length);
  findings.push(finding);
  return undefined;
}

/** What is wrong with a header that begins as one should. */
function lengthFinding(length: bigint, size: number): Finding | undefined {
  const bytesThere = BigInt(size - LENGTH_BYTES);
  if (length > FORMAT_MAX_HEADER_BYTES) {
    const lies = length > bytesThere ? ', which is more than the file has' : '';
    const message = `Its header claims ${length} bytes${lies}; the format allows ${FORMAT_MAX_HEADER_BYTES}. ${AGAIN}`;
    return { code: lies === '' ? 'TOO_LARGE' : 'CORRUPT', message };
  }
  if (length > bytesThere) {
    const message = `Its header has ${length} bytes, but only ${bytesThere} of them are there: the file was not copied or downloaded to its end. ${AGAIN}`;
    return { code: 'TRUNCATED', message };
  }
  // The first bytes are read twice.
  if (Number(length) > READ_BUDGET_BYTES - HEAD_BYTES) return tooLarge(`Its header has ${length} bytes`);
  return undefined;
}

function notSafetensors(head: Uint8Array, size: number): Finding {
  if (size === 0) return { code: 'TRUNCATED', message: `The file is empty. ${AGAIN}` };
  const foreign = foreignFormat(head);
  if (foreign !== undefined) {
    const message = `This is not a safetensors file but ${foreign}. Give it the right extension, or get the model again from its source.`;
    return { code: 'WRONG_EXTENSION', message };
  }
  if (size <= LENGTH_BYTES + 1) {
    return { code: 'TRUNCATED', message: `The file has only ${size} bytes, too few for a header. ${AGAIN}` };
  }
  return { code: 'CORRUPT', message: `The file does not begin with a safetensors header. ${AGAIN}` };
}

function wrongExtension(extension: string): Finding {
  const message = `This is a safetensors file, but its name ends with ${quoteFromFile(extension)}. Rename it to .safetensors, or programs will take it for something else.`;
  return { code: 'WRONG_EXTENSION', message };
}

function tooLarge(what: string): Finding {
  return {
    code: 'TOO_LARGE',
    message: `${what}, more than Lakeside reads of one. Check that the file is from a source you trust.`,
  };
}

/** Only what the system said of the file is thrown on. */
function findingOf(error: unknown): Finding {
  if (error instanceof HeaderSyntaxError) {
    return { code: 'CORRUPT', message: `Its header ${error.message}. ${AGAIN}` };
  }
  if (error instanceof LakesideError && error.code === 'TOO_MUCH') return tooLarge('Its header is large');
  throw error;
}

function tensorBytes(tensors: readonly SafeTensor[]): number {
  const sum = tensors.reduce((bytes, { begin, end }) => bytes + Math.max(0, end - begin), 0);
  return Math.min(sum, Number.MAX_SAFE_INTEGER);
}
