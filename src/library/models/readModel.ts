import { closeSync, constants, fstatSync } from 'node:fs';
import { extname } from 'node:path';

import { errnoOf, fileError } from '../../base/errors.ts';
import { wholeMilliseconds } from '../../base/fileTime.ts';
import { openUnnoticed } from '../../base/openUnnoticed.ts';
import { type ByteSource, fileBytes } from './byteSource.ts';
import { extensionFinding, type FileKind, fileKind } from './fileKind.ts';
import type { Finding } from './finding.ts';
import { readGguf } from './gguf.ts';
import { type ModelFacts, modelFacts } from './modelFacts.ts';
import { readPickleFile } from './pickleContainer.ts';
import type { PickleVerdict } from './pickleVerdict.ts';
import { safetensorsFacts } from './safetensorsFacts.ts';

/** What the bytes of a file say. */
export interface ModelContent {
  readonly kind: FileKind;
  /** Where it holds tensors that can be listed. */
  readonly facts?: Omit<ModelFacts, 'findings'>;
  /** Where loading it might run a program: of pickles, and of what nobody can look into. */
  readonly safety?: PickleVerdict;
  readonly findings: readonly Finding[];
}

/** A file as it was read. */
export interface ReadModelFile extends ModelContent {
  /** Bytes. */
  readonly size: number;
  readonly mtimeMs: number;
}

// A link in the file's place must not lead elsewhere, and a pipe must not wait for ever. Windows has neither flag.
const posixFlags: Partial<Pick<typeof constants, 'O_NOFOLLOW' | 'O_NONBLOCK'>> = constants;
const OPEN_FLAGS = constants.O_RDONLY | (posixFlags.O_NOFOLLOW ?? 0) | (posixFlags.O_NONBLOCK ?? 0);

/**
 * Reads the header of a model file, never a tensor, and runs nothing of it. Blocks its thread; for I/O threads.
 * @param path absolute
 * @returns undefined where there is no regular file
 * @throws LakesideError by errno
 */
export function readModelFile(path: string): ReadModelFile | undefined {
  let file: number | undefined;
  try {
    file = openUnnoticed(path, OPEN_FLAGS);
    const stats = fstatSync(file);
    if (!stats.isFile()) return undefined;
    const content = readModel(fileBytes(file, stats.size), path);
    return { ...content, size: stats.size, mtimeMs: wholeMilliseconds(stats.mtimeMs) };
  } catch (error) {
    // ELOOP: a link, which is no file of the root.
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errnoOf(error) ?? '')) return undefined;
    throw fileError('read', path, error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** @param name a path or a name; its extension alone counts */
export function readModel(source: ByteSource, name: string): ModelContent {
  const kind = fileKind(source);
  const extension = extname(name).toLowerCase();
  const misnamed = extensionFinding(name.replace(/^.*[\\/]/, ''), kind);
  const named = misnamed === undefined ? [] : [misnamed];
  switch (kind) {
    case 'safetensors': {
      const { findings, ...facts } = safetensorsFacts(source, extension);
      return { kind, facts, findings };
    }
    case 'gguf': {
      const { findings, ...facts } = ggufFacts(source);
      return { kind, facts, findings: [...named, ...findings] };
    }
    case 'png':
    case 'jpeg':
    case 'webp':
    case 'gif':
    case 'html':
    case 'json':
    case 'lfs':
    case 'empty':
    case 'onnx':
      return { kind, findings: named };
    default:
      return pickleContent(source, kind, named);
  }
}

function ggufFacts(source: ByteSource): ModelFacts {
  const { metadata, tensors, tensorBytes, findings } = readGguf(source);
  return modelFacts({
    format: 'gguf',
    fileBytes: source.size,
    tensorBytes,
    tensors: tensors.map(({ name, shape, type }) => ({ name, shape, dtype: type })),
    metadata: new Map([...metadata].map(([key, value]) => [key, String(value)])),
    findings,
  });
}

function pickleContent(source: ByteSource, kind: FileKind, named: readonly Finding[]): ModelContent {
  const { verdict, tensors, tensorBytes, findings: found } = readPickleFile(source);
  const findings = [...named, ...found];
  if (tensors === undefined || tensors.length === 0) return { kind, safety: verdict, findings };
  const { findings: said, ...facts } = modelFacts({
    format: 'pickle',
    fileBytes: source.size,
    tensorBytes,
    tensors: tensors.map(({ name, shape, dtype = 'unknown' }) => ({ name, shape, dtype })),
    metadata: new Map(),
    findings,
  });
  return { kind, facts, safety: verdict, findings: said };
}
