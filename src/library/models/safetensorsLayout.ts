import { type Finding, type FindingCode, quoteFromFile } from './finding.ts';
import { elementCount, type TensorInfo } from './tensorInfo.ts';

/** A tensor and where it lies: bytes from the begin of the data, which follows the header; the end is exclusive. */
export interface SafeTensor extends TensorInfo {
  readonly begin: number;
  readonly end: number;
}

/** Bits of one number, by dtype as `safetensors` 0.6 spells them. */
const DTYPE_BITS: ReadonlyMap<string, number> = new Map([
  ['BOOL', 8],
  ['F4', 4],
  ['F6_E2M3', 6],
  ['F6_E3M2', 6],
  ['U8', 8],
  ['I8', 8],
  ['F8_E5M2', 8],
  ['F8_E4M3', 8],
  ['F8_E8M0', 8],
  ['F8_E4M3FNUZ', 8],
  ['F8_E5M2FNUZ', 8],
  ['I16', 16],
  ['U16', 16],
  ['F16', 16],
  ['BF16', 16],
  ['I32', 32],
  ['U32', 32],
  ['F32', 32],
  ['I64', 64],
  ['U64', 64],
  ['F64', 64],
  ['C64', 64],
]);

/** One sentence of each kind, however many tensors it is true of: a file is read by people. */
class Tally {
  readonly #kinds = new Map<string, { readonly code: FindingCode; readonly first: string; count: number }>();

  add(code: FindingCode, what: string, tensor: SafeTensor): void {
    const known = this.#kinds.get(what);
    if (known === undefined) this.#kinds.set(what, { code, first: tensor.name, count: 1 });
    else known.count++;
  }

  findings(advice: string): Finding[] {
    return [...this.#kinds].map(([what, { code, first, count }]) => ({
      code,
      message: `The tensor ${quoteFromFile(first)}${count > 1 ? ` and ${count - 1} more` : ''} ${what}${advice}`,
    }));
  }
}

/**
 * What is wrong with where the tensors lie: the data of a safetensors file has no holes and no overlaps, and each range is
 * as long as shape and dtype say (https://github.com/huggingface/safetensors, "Format").
 * @param dataBytes what follows the header in the file
 */
export function layoutFindings(tensors: readonly SafeTensor[], dataBytes: number): Finding[] {
  const broken = new Tally();
  const unknown = new Tally();
  for (const tensor of tensors) {
    const bits = DTYPE_BITS.get(tensor.dtype);
    if (tensor.begin > tensor.end) broken.add('CORRUPT', 'ends before it begins', tensor);
    else if (bits === undefined) {
      unknown.add('UNKNOWN_DTYPE', `has the number format ${quoteFromFile(tensor.dtype)}`, tensor);
    } else if (elementCount(tensor) * bits !== (tensor.end - tensor.begin) * 8) {
      broken.add('CORRUPT', 'has other bytes than its shape and number format need', tensor);
    }
  }
  const end = inOrder(tensors, broken);
  return [
    ...broken.findings(': the header contradicts itself. Get the file again from its source.'),
    ...unknown.findings(', which Lakeside does not know. A newer version may.').slice(0, MAX_UNKNOWN_DTYPES),
    ...endFindings(end, dataBytes),
  ];
}

const MAX_UNKNOWN_DTYPES = 3;

/** Walks over the tensors as they lie and returns where the last one ends. */
function inOrder(tensors: readonly SafeTensor[], broken: Tally): number {
  const sorted = tensors.filter(({ begin, end }) => begin <= end).sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const tensor of sorted) {
    if (tensor.begin > end) broken.add('CORRUPT', 'lies behind a hole in the data', tensor);
    if (tensor.begin < end) broken.add('CORRUPT', 'lies over another one', tensor);
    end = Math.max(end, tensor.end);
  }
  return end;
}

function endFindings(end: number, dataBytes: number): Finding[] {
  if (end > dataBytes) {
    const message = `The last ${end - dataBytes} bytes of its tensors are missing: the file was not copied or downloaded to its end. Get it again from its source.`;
    return [{ code: 'TRUNCATED', message }];
  }
  if (end < dataBytes) {
    const message = `${dataBytes - end} bytes follow the last tensor and belong to nothing: most programs refuse such a file. Get it again from its source.`;
    return [{ code: 'PADDED', message }];
  }
  return [];
}
