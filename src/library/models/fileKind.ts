import type { ByteSource } from './byteSource.ts';
import { type Finding, quoteFromFile } from './finding.ts';
import { isArchive, looksLikePickle } from './pickleSniff.ts';
import { latin1, utf8 } from './byteText.ts';
import { isTarHeader } from './tarEntries.ts';

/** What the first bytes of a file say it is. `lfs`: the pointer that git-lfs leaves where the file was not fetched. */
export type FileKind =
  | ('safetensors' | 'gguf' | 'zip' | 'pickle' | 'tar' | 'onnx' | 'archive')
  | ('png' | 'jpeg' | 'webp' | 'gif')
  | ('html' | 'json' | 'lfs' | 'empty' | 'unknown');

/** Bytes that have to be there to tell a kind. */
export const KIND_BYTES = 1_024;

const MAX_SAFETENSORS_HEADER = 100_000_000;

const MAGICS: readonly (readonly [kind: FileKind, at: number, hex: string])[] = [
  ['gguf', 0, '47475546'],
  ['zip', 0, '504b0304'],
  ['zip', 0, '504b0506'],
  ['png', 0, '89504e470d0a1a0a'],
  ['jpeg', 0, 'ffd8ff'],
  ['gif', 0, '474946383761'],
  ['gif', 0, '474946383961'],
  ['webp', 8, '57454250'],
];

/** Tells the kind of a file by its first bytes, never by its name. */
export function fileKind(source: ByteSource): FileKind {
  return kindOfBytes(source.read(0, KIND_BYTES));
}

/** The same for the first bytes of a download, of which {@link KIND_BYTES} are enough. */
export function kindOfBytes(head: Uint8Array): FileKind {
  if (head.length === 0) return 'empty';
  const text = latin1(head);
  const hex = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 16)).toString('hex');
  const magic = MAGICS.find(
    ([kind, at, digits]) => hex.startsWith(digits, 2 * at) && (kind !== 'webp' || text.startsWith('RIFF')),
  );
  if (magic !== undefined) return magic[0];
  if (isSafetensors(head)) return 'safetensors';
  if (isArchive(head)) return 'archive';
  if (isTarHeader(head.subarray(0, 512))) return 'tar';
  return textKind(utf8(head)) ?? (isOnnx(head) ? 'onnx' : looksLikePickle(head) ? 'pickle' : 'unknown');
}

/** The length of the header in 8 bytes, then its JSON. https://huggingface.co/docs/safetensors */
function isSafetensors(head: Uint8Array): boolean {
  if (head.length < 9 || head[8] !== 0x7b) return false;
  const length = new DataView(head.buffer, head.byteOffset, 8).getBigUint64(0, true);
  return length >= 2n && length <= BigInt(MAX_SAFETENSORS_HEADER);
}

function textKind(text: string): FileKind | undefined {
  const start = text
    .replace(/^\uFEFF/, '')
    .trimStart()
    .slice(0, 200)
    .toLowerCase();
  if (start.startsWith('version https://git-lfs.github.com/spec/')) return 'lfs';
  if (/^<(?:!doctype html|html|head|body|\?xml|!--)/.test(start)) return 'html';
  // Brackets begin pickles of protocol 1, too, but no JSON goes on with an opcode.
  return /^(?:\{\s*["}]|\[\s*["\]{[\d-])/.test(start) ? 'json' : undefined;
}

/** A protobuf message that begins with a small `ir_version` and goes on with the producer or the graph (onnx.proto). */
function isOnnx(head: Uint8Array): boolean {
  const [field, version, next] = head;
  return field === 0x08 && version !== undefined && version >= 1 && version <= 32 && (next === 0x12 || next === 0x3a);
}

const PICKLES: readonly FileKind[] = ['zip', 'pickle', 'tar'];

/** What files of an extension may be. Others are not checked. */
const KINDS_OF_EXTENSION: ReadonlyMap<string, readonly FileKind[]> = new Map<string, readonly FileKind[]>([
  ['safetensors', ['safetensors']],
  ['sft', ['safetensors']],
  ['gguf', ['gguf']],
  ['ckpt', PICKLES],
  ['pt', PICKLES],
  ['pth', PICKLES],
  ['pkl', PICKLES],
  ['onnx', ['onnx']],
  ['png', ['png']],
  ['jpg', ['jpeg']],
  ['jpeg', ['jpeg']],
  ['webp', ['webp']],
  ['json', ['json']],
]);

const WHAT_IT_IS: Readonly<Record<FileKind, string>> = {
  safetensors: 'is a safetensors file',
  gguf: 'is a GGUF file',
  zip: 'is a zip file',
  pickle: 'is a pickle',
  tar: 'is a tar file',
  onnx: 'is an ONNX file',
  archive: 'is a packed archive',
  png: 'is a PNG picture',
  jpeg: 'is a JPEG picture',
  webp: 'is a WebP picture',
  gif: 'is a GIF picture',
  html: 'is a web page',
  json: 'is JSON text',
  lfs: 'is the pointer of a file that git-lfs did not fetch',
  empty: 'is empty',
  unknown: 'is of no kind that we know',
};

/** A page, a text or nothing at all stands where a download went wrong; anything else only has the wrong name. */
const NOT_DOWNLOADED: ReadonlySet<FileKind> = new Set(['html', 'json', 'lfs', 'empty', 'unknown']);

/** What there is to say of a file whose name says something else than its bytes. Undefined where both agree. */
export function extensionFinding(name: string, kind: FileKind): Finding | undefined {
  const extension = /\.([a-z0-9]{1,12})$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  const kinds = KINDS_OF_EXTENSION.get(extension);
  if (kinds === undefined || kinds.includes(kind)) return undefined;
  // A pickle of protocol 0 or a large ONNX file cannot always be told; only what surely is another kind is a finding.
  if (kind === 'unknown' && (kinds === PICKLES || extension === 'onnx')) return undefined;
  const todo = NOT_DOWNLOADED.has(kind) ? 'Get it again from its source.' : 'Rename it, or get the right file.';
  return { code: 'WRONG_EXTENSION', message: `${quoteFromFile(name)} ${WHAT_IT_IS[kind]}. ${todo}` };
}
