/** What a file is by its first bytes, for a sentence; undefined where they say nothing. */
export function foreignFormat(head: Uint8Array): string | undefined {
  const known = MAGICS.find(({ magic }) => magic.every((byte, index) => head[index] === byte));
  if (known !== undefined) return known.what;
  const text = String.fromCharCode(...head.subarray(0, 200)).trimStart();
  if (/^(<!doctype html|<html|<head|<\?xml)/i.test(text)) return 'a web page, as a server sends instead of a file';
  if (text.startsWith('version https://git-lfs.github.com/spec/'))
    return 'a Git LFS pointer, which only names the file';
  if (/^[{[]\s*["{[\]}]/.test(text)) return 'a JSON text';
  return undefined;
}

const MAGICS: readonly { readonly magic: readonly number[]; readonly what: string }[] = [
  { magic: [0x47, 0x47, 0x55, 0x46], what: 'a GGUF file' },
  { magic: [0x50, 0x4b, 0x03, 0x04], what: 'a zip archive, as PyTorch writes its checkpoints' },
  { magic: [0x80, 0x02], what: 'a pickle, as older PyTorch writes its checkpoints' },
  { magic: [0x80, 0x03], what: 'a pickle' },
  { magic: [0x80, 0x04], what: 'a pickle' },
  { magic: [0x89, 0x48, 0x44, 0x46], what: 'an HDF5 file' },
  { magic: [0x89, 0x50, 0x4e, 0x47], what: 'a PNG picture' },
  { magic: [0xff, 0xd8, 0xff], what: 'a JPEG picture' },
  { magic: [0x1f, 0x8b], what: 'a gzip archive' },
  { magic: [0x28, 0xb5, 0x2f, 0xfd], what: 'a Zstandard archive' },
  { magic: [0x37, 0x7a, 0xbc, 0xaf], what: 'a 7-Zip archive' },
  { magic: [0x52, 0x61, 0x72, 0x21], what: 'a RAR archive' },
];
