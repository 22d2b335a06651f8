import type { ByteSource } from './byteSource.ts';
import type { Finding } from './finding.ts';
import type { PickleEvidence } from './pickleEvidence.ts';
import { type PickleValue, UNKNOWN } from './pickleValues.ts';
import { walkPickle } from './pickleWalk.ts';
import { ELEMENT_BYTES } from './torchTypes.ts';

/** What `torch.save` wrote before version 1.6: magic number, protocol, facts of the system, the object, keys of storages. */
const TORCH_MAGIC = 0x1950a86a20f9469cfc6cn;
const TORCH_OBJECT = 3;
const TORCH_PICKLES = 5;
const MAX_PICKLES = 10_000;
const STORAGE_LENGTH_BYTES = 8;

export interface WalkedPickles {
  /** The object of the file: of the first pickle, or of the fourth in a file of old torch. */
  readonly root: PickleValue;
  readonly legacyTorch: boolean;
  readonly findings: readonly Finding[];
}

/**
 * Walks the pickles that follow one another from a position to the end. In a file of old torch there are five, and then the
 * numbers of its storages; anywhere else whatever follows is taken for a further pickle, since a program may load it.
 */
export function walkPickles(source: ByteSource, start: number, evidence: PickleEvidence): WalkedPickles {
  let root: PickleValue = UNKNOWN;
  let legacyTorch = false;
  let position = start;
  for (let index = 0; index === 0 || position < source.size; index += 1) {
    if (legacyTorch && index === TORCH_PICKLES) break;
    if (index === MAX_PICKLES) {
      evidence.doubt('holds more than can be looked at');
      break;
    }
    const trailing = index > 0 && !legacyTorch && !looksLikePickle(source.read(position, 2));
    const walked = walkPickle(source, position, evidence);
    if (index === 0) legacyTorch = walked.value === TORCH_MAGIC;
    if (index === (legacyTorch ? TORCH_OBJECT : 0)) root = walked.value;
    if (!walked.complete) return { root, legacyTorch, findings: [broken(index, trailing)] };
    position = walked.end;
  }
  return { root, legacyTorch, findings: legacyTorch ? checkStorages(source.size - position, evidence) : [] };
}

function looksLikePickle(bytes: Uint8Array): boolean {
  return bytes[0] === 0x80;
}

function broken(index: number, trailing: boolean): Finding {
  if (trailing) {
    return {
      code: 'PADDED',
      message: 'Bytes follow the pickle that are no pickle. Do not load this file unless you know what they are.',
    };
  }
  return {
    code: index === 0 ? 'CORRUPT' : 'TRUNCATED',
    message: 'The pickle cannot be read to its end. Get the file again from its source, and do not load this one.',
  };
}

/** The storages of old torch follow the pickles: each its count of elements in 8 bytes, then the elements. */
function checkStorages(left: number, evidence: PickleEvidence): Finding[] {
  let expected = 0;
  for (const { dtype, elements } of evidence.storages.values()) {
    const bytes = ELEMENT_BYTES.get(dtype ?? 'U8');
    if (bytes === undefined) return [];
    expected += STORAGE_LENGTH_BYTES + elements * bytes;
  }
  if (left < expected) {
    const message = `${expected - left} bytes of the tensors are missing at the end. Get the file again from its source.`;
    return [{ code: 'TRUNCATED', message }];
  }
  if (left > expected) {
    const message = `${left - expected} bytes follow the tensors. They are of no use; get the file again if you can.`;
    return [{ code: 'PADDED', message }];
  }
  return [];
}
