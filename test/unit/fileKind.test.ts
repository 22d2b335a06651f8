import assert from 'node:assert/strict';

import { bytesOf } from '../../src/library/models/byteSource.ts';
import { extensionFinding, fileKind, type FileKind, kindOfBytes } from '../../src/library/models/fileKind.ts';
import { global, NONE, pickle, proto, STOP } from '../support/models/pickleAssembler.ts';
import { PYTHON_PICKLES } from '../support/models/pythonPickles.ts';
import { zipFile } from '../support/models/zipAssembler.ts';

const SAFETENSORS = Buffer.concat([Buffer.from([16, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{"a":1}')]);

describe('the kind of a file', () => {
  const rows: readonly (readonly [kind: FileKind, bytes: Uint8Array])[] = [
    ['safetensors', SAFETENSORS],
    ['gguf', Buffer.from('GGUF\x03\0\0\0')],
    ['zip', zipFile([{ name: 'a', data: Buffer.from('b') }])],
    ['zip', zipFile([])],
    ['pickle', pickle(proto(2), NONE, STOP)],
    ['pickle', pickle(global('os', 'system'), STOP)],
    ['png', Buffer.from('89504e470d0a1a0a0000000d', 'hex')],
    ['jpeg', Buffer.from('ffd8ffe000104a464946', 'hex')],
    ['webp', Buffer.from('RIFF\0\0\0\0WEBPVP8 ')],
    ['gif', Buffer.from('GIF89a')],
    ['html', Buffer.from('\uFEFF\n  <!DOCTYPE html><html>')],
    ['html', Buffer.from('<html lang="en">')],
    ['json', Buffer.from(' {"error": "not found"}')],
    ['json', Buffer.from('[1, 2]')],
    ['lfs', Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 2\n')],
    ['onnx', Buffer.from('08081207', 'hex')],
    ['archive', Buffer.from('377abcaf271c0004', 'hex')],
    ['empty', Buffer.alloc(0)],
    ['unknown', Buffer.from('RIFF\0\0\0\0WAVE')],
    ['unknown', Buffer.alloc(2_000)],
  ];
  for (const [kind, bytes] of rows) {
    it(`is ${kind} by ${Buffer.from(bytes.subarray(0, 8)).toString('hex') || 'nothing'}`, () => {
      assert.equal(fileKind(bytesOf(bytes)), kind);
      assert.equal(kindOfBytes(bytes), kind);
    });
  }

  it('is pickle for what Python writes since protocol 2', () => {
    for (const { name, base64 } of PYTHON_PICKLES) {
      const bytes = Buffer.from(base64, 'base64');
      if (bytes[0] === 0x80) assert.equal(kindOfBytes(bytes), 'pickle', name);
    }
  });

  it('is no safetensors file with a header larger than the format allows', () => {
    const large = Buffer.from(SAFETENSORS);
    large.writeUInt32LE(200_000_000, 0);
    assert.equal(kindOfBytes(large), 'unknown');
  });
});

describe('the extension of a file', () => {
  it('is right for every kind it may be', () => {
    const rows: [name: string, kind: FileKind][] = [
      ['a.safetensors', 'safetensors'],
      ['a.CKPT', 'zip'],
      ['a.pt', 'pickle'],
      ['a.pth', 'tar'],
      ['a.ckpt', 'unknown'],
      ['a.gguf', 'gguf'],
      ['a.jpg', 'jpeg'],
      ['a.bin', 'safetensors'],
      ['noextension', 'html'],
    ];
    for (const [name, kind] of rows) assert.equal(extensionFinding(name, kind), undefined, name);
  });

  it('is wrong where the bytes say something else', () => {
    const rows: [name: string, kind: FileKind, message: string][] = [
      ['a.safetensors', 'pickle', '"a.safetensors" is a pickle. Rename it, or get the right file.'],
      ['a.safetensors', 'html', '"a.safetensors" is a web page. Get it again from its source.'],
      ['a.ckpt', 'safetensors', '"a.ckpt" is a safetensors file. Rename it, or get the right file.'],
      ['a.gguf', 'lfs', '"a.gguf" is the pointer of a file that git-lfs did not fetch. Get it again from its source.'],
      ['a.png', 'jpeg', '"a.png" is a JPEG picture. Rename it, or get the right file.'],
      ['a.safetensors', 'empty', '"a.safetensors" is empty. Get it again from its source.'],
    ];
    for (const [name, kind, message] of rows) {
      assert.deepEqual(extensionFinding(name, kind), { code: 'WRONG_EXTENSION', message });
    }
  });
});
