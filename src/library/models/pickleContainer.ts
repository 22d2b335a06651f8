import { LakesideError } from '../../base/errors.ts';
import type { ByteSource } from './byteSource.ts';
import { partOfSource } from './byteCursor.ts';
import type { Finding } from './finding.ts';
import { PickleEvidence } from './pickleEvidence.ts';
import { walkPickles, type WalkedPickles } from './pickleSequence.ts';
import { namedTensors, type NamedTensor } from './pickleTensors.ts';
import type { PickleValue } from './pickleValues.ts';
import { judgePickle, type PickleVerdict } from './pickleVerdict.ts';
import { readPickleZip } from './pickleZip.ts';
import { isArchive, looksLikePickle, npyPickleOffset } from './pickleSniff.ts';
import { isTarHeader, readTarEntries } from './tarEntries.ts';
import { ELEMENT_BYTES } from './torchTypes.ts';

/** How a file holds its pickles. `torch`: as torch before 1.6 wrote them; `zip`: as it does since. */
export type PickleContainer = 'zip' | 'torch' | 'tar' | 'pickle' | 'unknown';

export interface PickleFile {
  readonly container: PickleContainer;
  readonly verdict: PickleVerdict;
  readonly findings: readonly Finding[];
  /** Undefined where the pickle does not tell them plainly, as when it holds a whole model. */
  readonly tensors: readonly NamedTensor[] | undefined;
  /** Of the storages of torch that it names: their dtypes as safetensors names them, sorted. */
  readonly dtypes: readonly string[];
  /** Bytes of the storages of torch that it names. */
  readonly tensorBytes: number;
}

const HEAD_BYTES = 512;

/**
 * Reads what can be known of a file that may hold pickles, and judges whether it is safe to load. The file is what its
 * bytes say, whatever its name; nothing of it is run. Whatever cannot be looked into is suspicious. Throws only what
 * reading the file throws.
 */
export function readPickleFile(source: ByteSource): PickleFile {
  const evidence = new PickleEvidence();
  const findings: Finding[] = [];
  let container: PickleContainer = 'unknown';
  let root: PickleValue | undefined;
  try {
    const content = readContent(source, evidence, findings);
    ({ container, root } = content);
    // Each lies inside the one that named it, and all share the bounds of the evidence.
    for (let part = evidence.nested.pop(); part !== undefined; part = evidence.nested.pop()) {
      readContent(part, evidence, findings);
    }
  } catch (error) {
    if (!(error instanceof LakesideError) || error.code !== 'TOO_MUCH') throw error;
    evidence.doubt('holds more than can be looked at');
    findings.push({ code: 'TOO_LARGE', message: error.message });
  }
  const storages = [...evidence.storages.values()];
  return {
    container,
    verdict: judgePickle(evidence),
    findings,
    tensors: root === undefined ? undefined : namedTensors(root),
    dtypes: [...new Set(storages.flatMap(({ dtype }) => dtype ?? []))].sort(),
    tensorBytes: storages.reduce(
      (sum, { dtype, elements }) => sum + elements * (ELEMENT_BYTES.get(dtype ?? 'U8') ?? 1),
      0,
    ),
  };
}

interface Content {
  readonly container: PickleContainer;
  readonly root: PickleValue | undefined;
}

function readContent(source: ByteSource, evidence: PickleEvidence, findings: Finding[]): Content {
  const head = source.read(0, HEAD_BYTES);
  const isZip = head[0] === 0x50 && head[1] === 0x4b && (head[2] === 3 || head[2] === 5);
  const zip = readPickleZip(source, evidence, findings);
  if (isZip && zip === undefined) {
    evidence.doubt('is a zip file without its table of contents');
    findings.push({
      code: 'TRUNCATED',
      message: 'The end of the zip file is missing. Get the file again from its source.',
    });
    return { container: 'zip', root: undefined };
  }
  if (isZip) return { container: 'zip', root: zip?.root };
  if (zip !== undefined) evidence.doubt('is a zip file to one program and something else to another');
  if (isTarHeader(head)) {
    // Torch looks for a tar file before it looks for a pickle; other programs may see the pickle.
    const root = readTar(source, evidence, findings);
    if (head[0] === 0x80) evidence.doubt('is a tar file to one program and a pickle to another');
    if (head[0] !== 0x80) return { container: 'tar', root };
  }
  if (isArchive(head)) {
    evidence.doubt('is an archive that cannot be looked into');
    return { container: 'unknown', root: undefined };
  }
  const offset = npyPickleOffset(head);
  if (offset === 'no pickle') return { container: 'unknown', root: undefined };
  const walked = walkPickles(source, offset, evidence);
  for (const finding of walked.findings) findings.push(finding);
  return { container: containerOf(walked, head), root: walked.root };
}

function containerOf(walked: WalkedPickles, head: Uint8Array): PickleContainer {
  if (walked.legacyTorch) return 'torch';
  const complete = typeof walked.root !== 'object' || walked.root.kind !== 'unknown';
  return complete || looksLikePickle(head) ? 'pickle' : 'unknown';
}

function readTar(source: ByteSource, evidence: PickleEvidence, findings: Finding[]): PickleValue | undefined {
  let root: PickleValue | undefined;
  for (const { name, offset, size } of readTarEntries(source)) {
    if (size === 0) continue;
    const walked = walkPickles(partOfSource(source, offset, size), 0, evidence);
    for (const finding of walked.findings) findings.push(finding);
    if (name === 'pickle') root = walked.root;
  }
  return root;
}
