import assert from 'node:assert/strict';
import fc from 'fast-check';

import { bytesOf } from '../../src/library/models/byteSource.ts';
import { type GgufFile, readGguf } from '../../src/library/models/gguf.ts';
import { GgufAssembler, type GgufEntry } from '../support/models/ggufAssembler.ts';

const make = new GgufAssembler();
const TENSORS = [
  { name: 'double_blocks.0.img_attn.qkv.weight', dimensions: [256, 4], type: 12, offset: 0 },
  { name: 'img_in.bias', dimensions: [8], type: 0, offset: 576 },
];
/** 4 blocks of Q4_K and 8 floats. */
const DATA = 4 * 144 + 32;

function entriesOf(make: GgufAssembler): GgufEntry[] {
  return [
    ['general.architecture', 8, make.text('flux')],
    ['general.name', 8, make.text('A model')],
    ['general.file_type', 4, make.u32(15)],
    ['general.languages', 9, make.texts(['en', 'de'])],
    ['general.parameters', 10, make.u64(2n ** 60n)],
    ['a.flag', 7, Buffer.from([1])],
    ['a.floats', 9, Buffer.concat([make.u32(6), make.u64(3), Buffer.alloc(12)])],
    ['a.nested', 9, Buffer.concat([make.u32(9), make.u64(2), make.texts(['x']), make.texts([])])],
  ];
}

const WHOLE = make.file(entriesOf(make), TENSORS, { data: DATA });

function read(file: Uint8Array): GgufFile {
  return readGguf(bytesOf(file));
}

function assertFinding(file: Uint8Array, code: string, message: RegExp): void {
  const { findings } = read(file);
  assert.deepEqual(
    findings.map((finding) => finding.code),
    [code],
  );
  assert.match(findings[0]?.message ?? '', message);
}

describe('a GGUF file', () => {
  it('tells its metadata and tensors', () => {
    const file = read(WHOLE);
    assert.deepEqual(file.findings, []);
    assert.deepEqual(
      [...file.metadata],
      [
        ['general.architecture', 'flux'],
        ['general.name', 'A model'],
        ['general.file_type', 15],
        ['general.parameters', 2n ** 60n],
        ['a.flag', true],
      ],
    );
    assert.deepEqual(file.tensors, [
      { name: 'double_blocks.0.img_attn.qkv.weight', shape: [4, 256], type: 'Q4_K' },
      { name: 'img_in.bias', shape: [8], type: 'F32' },
    ]);
    assert.deepEqual(
      [file.version, file.parameterCount, file.tensorBytes, file.quantization],
      [3, 1032, 608, 'Q4_K_M'],
    );
  });

  it('is read in version 2 and in big-endian', () => {
    const two = read(make.file(entriesOf(make), TENSORS, { version: 2, data: DATA }));
    const big = new GgufAssembler(true);
    const other = read(big.file(entriesOf(big), TENSORS, { data: DATA }));
    assert.deepEqual([two.version, two.findings, two.tensors.length], [2, [], 2]);
    assert.deepEqual([other.version, other.findings, other.metadata.get('general.file_type')], [3, [], 15]);
  });

  it('reads every width of number', () => {
    const rows: [type: number, hex: string, value: unknown][] = [
      [0, 'ff', 255],
      [1, 'ff', -1],
      [2, 'ffff', 65_535],
      [3, 'feff', -2],
      [4, 'ffffffff', 2 ** 32 - 1],
      [5, 'fdffffff', -3],
      [6, '0000c03f', 1.5],
      [10, '0100000000000000', 1],
      [11, 'ffffffffffffffff', -1],
      [12, '000000000000f83f', 1.5],
    ];
    const file = read(
      make.file(
        rows.map(([type, hex]) => [`k${type}`, type, Buffer.from(hex, 'hex')]),
        [],
      ),
    );
    assert.deepEqual(
      [...file.metadata.values()],
      rows.map(([, , value]) => value),
    );
  });

  it('names its quantization by most of its bytes where it says nothing', () =>
    assert.equal(read(make.file([], TENSORS, { data: DATA })).quantization, 'Q4_K'));

  it('is corrupt without its magic', () =>
    assertFinding(Buffer.from('GGML and more'), 'CORRUPT', /does not begin with/));

  it('is not supported in another version', () => {
    for (const version of [1, 4])
      assertFinding(make.file([], [], { version }), 'UNSUPPORTED', new RegExp(`version ${version};`));
  });

  it('is corrupt or truncated where its counts are more than there is', () => {
    assertFinding(make.file([], [], { tensorCount: 2 ** 52 }), 'CORRUPT', /claims 4503599627370496 tensors/);
    assertFinding(make.file([], [], { metadataCount: 2 ** 40 }), 'CORRUPT', /metadata entries/);
    assertFinding(make.file([], [], { tensorCount: 90_000 }), 'TRUNCATED', /ends before its tensors/);
    assertFinding(make.file([], [], { metadataCount: 9_000 }), 'TRUNCATED', /ends before its metadata/);
  });

  it('is corrupt or truncated where a text is longer than there is', () => {
    const long = Buffer.concat([make.u64(2 ** 50), Buffer.from('abc')]);
    assertFinding(make.file([['general.name', 8, long]], []), 'TRUNCATED', /the metadata "general.name"/);
    const head = Buffer.concat([Buffer.from('GGUF'), make.u32(3), make.u64(0), make.u64(1)]);
    assertFinding(Buffer.concat([head, make.u64(2 ** 50), Buffer.alloc(64)]), 'CORRUPT', /claims to have/);
  });

  it('is corrupt where a type is unknown or a list is too deep', () => {
    assertFinding(make.file([['a', 77, make.u32(0)]], []), 'CORRUPT', /unknown type 77/);
    const deep = Buffer.concat(Array.from({ length: 9 }, () => Buffer.concat([make.u32(9), make.u64(1)])));
    assertFinding(make.file([['a', 9, deep]], []), 'CORRUPT', /list of an unknown type/);
  });

  it('is corrupt where a tensor is impossible', () => {
    const tensor = { name: 't', dimensions: [2 ** 40, 2 ** 40], type: 0, offset: 0 };
    assertFinding(make.file([], [tensor]), 'CORRUPT', /larger than any file/);
    assertFinding(
      make.file([], [{ ...tensor, dimensions: Array.from({ length: 9 }, () => 1) }]),
      'CORRUPT',
      /9 dimensions/,
    );
  });

  it('is truncated where tensors are missing, and padded where something follows', () => {
    assertFinding(WHOLE.subarray(0, -10), 'TRUNCATED', /10 bytes of its tensors/);
    assertFinding(Buffer.concat([WHOLE, Buffer.alloc(100)]), 'PADDED', /100 bytes follow/);
    for (let length = 1; length < WHOLE.length; length += 1) {
      assert.equal(read(WHOLE.subarray(0, length)).findings.length, 1, `cut to ${length}`);
    }
  });

  it('says that a tensor is of a type it does not know, and reads on', () => {
    const file = read(make.file([], [{ name: 't', dimensions: [4], type: 99, offset: 0 }, ...TENSORS], { data: DATA }));
    assert.deepEqual(
      file.findings.map(({ code }) => code),
      ['UNKNOWN_DTYPE'],
    );
    assert.deepEqual([file.tensors[0]?.type, file.tensors.length], ['type 99', 3]);
  });

  it('keeps the first of two equal keys and says so', () => {
    const file = read(
      make.file(
        [
          ['a', 4, make.u32(1)],
          ['a', 4, make.u32(2)],
        ],
        [],
      ),
    );
    assert.equal(file.metadata.get('a'), 1);
    assert.deepEqual(
      file.findings.map(({ code }) => code),
      ['MALFORMED_METADATA'],
    );
  });

  it('keeps no more text than it may, and reads no more than its budget', () => {
    const entries = Array.from({ length: 500 }, (_, index): GgufEntry => [
      `k${index}`,
      8,
      make.text('x'.repeat(60_000)),
    ]);
    const file = make.file(entries, []);
    const kept = [...read(file).metadata.values()].reduce<number>((sum, value) => sum + String(value).length, 0);
    assert.ok(kept > 10_000_000 && kept <= 16 * 1024 * 1024, `${kept} bytes`);
    assert.deepEqual(
      readGguf(bytesOf(file, 100_000)).findings.map(({ code }) => code),
      ['TOO_LARGE'],
    );
  });

  it('goes through a vocabulary quickly', function () {
    this.timeout(20_000);
    const words = Array.from({ length: 300_000 }, (_, index) => `word ${index}`);
    const file = read(
      make.file(
        [
          ['tokenizer.ggml.tokens', 9, make.texts(words)],
          ['general.name', 8, make.text('n')],
        ],
        [],
      ),
    );
    assert.deepEqual([file.findings, file.metadata.get('general.name')], [[], 'n']);
  });

  it('never makes the reader fail, whatever is changed in it', () => {
    const change = fc.tuple(fc.nat(WHOLE.length - 1), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), fc.nat(WHOLE.length), (changes, cut) => {
        const file = Buffer.from(WHOLE);
        for (const [at, byte] of changes) file[at] = byte;
        for (const bytes of [file, file.subarray(0, cut)]) {
          for (const { message } of read(bytes).findings) assert.match(message, /^[A-Z0-9].*\.$/s);
        }
      }),
      { numRuns: 5_000 },
    );
  });
});
