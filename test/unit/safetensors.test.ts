import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import fc from 'fast-check';

import { type ByteSource, bytesOf, READ_BUDGET_BYTES } from '../../src/library/models/byteSource.ts';
import { FINDING_CODES } from '../../src/library/models/finding.ts';
import { readSafetensors, type Safetensors } from '../../src/library/models/safetensors.ts';
import { fileOf, type MadeTensor, safetensorsFile, safetensorsHeader } from '../support/models/safetensorsBytes.ts';

const TENSORS: readonly MadeTensor[] = [
  { name: 'model.a.weight', dtype: 'F16', shape: [2, 3] },
  { name: 'model.b.weight', dtype: 'F32', shape: [4] },
  { name: 'model.c.scale', dtype: 'BF16', shape: [] },
];

function read(file: Uint8Array, extension?: string): Safetensors {
  return readSafetensors(bytesOf(file), extension);
}

function codes(file: Uint8Array, extension?: string): string[] {
  return read(file, extension).findings.map(({ code }) => code);
}

/** The one finding of a file, by code; its sentence is checked against what it must say. */
function assertFinding(file: Uint8Array, code: string, says: RegExp, extension?: string): void {
  const { findings } = read(file, extension);
  assert.deepEqual(
    findings.map((finding) => finding.code),
    [code],
    findings.map(({ message }) => message).join('\n'),
  );
  assert.match(findings[0]?.message ?? '', says);
}

/** A header of this text with the given bytes of data. */
function entry(name: string, dtype: string, shape: string, offsets: string): string {
  return `"${name}":{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;
}

/** A source that says how much was read, and fails a test that reads beyond the budget. */
function counted(file: Uint8Array): ByteSource & { readonly bytesRead: () => number } {
  const source = bytesOf(file);
  let sum = 0;
  return {
    size: source.size,
    read(position, length) {
      const bytes = source.read(position, length);
      sum += bytes.length;
      return bytes;
    },
    bytesRead: () => sum,
  };
}

describe('a safetensors file', () => {
  it('tells its tensors with dtype, shape and range, and counts parameters', () => {
    const file = safetensorsFile(TENSORS, { title: 'Ünïcode "quoted" 🌊\n' });
    const { tensors, metadata, fileBytes, tensorBytes, parameters, parametersByDtype, findings } = read(
      file,
      '.safetensors',
    );
    assert.deepEqual(tensors, [
      { name: 'model.a.weight', dtype: 'F16', shape: [2, 3], begin: 0, end: 12 },
      { name: 'model.b.weight', dtype: 'F32', shape: [4], begin: 12, end: 28 },
      { name: 'model.c.scale', dtype: 'BF16', shape: [], begin: 28, end: 30 },
    ]);
    assert.deepEqual([...metadata], [['title', 'Ünïcode "quoted" 🌊\n']]);
    assert.deepEqual(
      { fileBytes, tensorBytes, parameters },
      { fileBytes: file.length, tensorBytes: 30, parameters: 11 },
    );
    assert.deepEqual(Object.fromEntries(parametersByDtype), { F16: 6, F32: 4, BF16: 1 });
    assert.deepEqual(findings, []);
  });

  it('is read without its tensors', () => {
    const source = counted(safetensorsFile([{ name: 'a', shape: [1024, 1024] }]));
    readSafetensors(source);
    assert.ok(source.bytesRead() < 1000, `${source.bytesRead()} bytes were read`);
  });

  it('may have white space in and after its header, keys in any order and keys of a newer version', () => {
    const header =
      ' {\n "a" : {"data_offsets":[0, 2], "new": [{"x": [1, "]"]}, null, -1.5e3], "shape":[1],"dtype":"F16"} }   ';
    assert.deepEqual(codes(fileOf(header.trimStart(), 2)), []);
  });

  it('may have no tensors, empty tensors, and metadata that is named like a part of an object', () => {
    assert.deepEqual(codes(fileOf('{}')), []);
    const empty = `{${entry('a', 'F16', '[0,3]', '[0,0]')},${entry('b', 'F16', '[1]', '[0,2]')}}`;
    assert.deepEqual(codes(fileOf(empty, 2)), []);
    const { metadata } = read(fileOf('{"__metadata__":{"__proto__":"x","constructor":"y"}}'));
    assert.deepEqual([...metadata.keys()], ['__proto__', 'constructor']);
  });

  it('is read the same however its header falls into the pieces it is read in', () => {
    const long = 'x\\"🌊'.repeat(200_000);
    const tensors = Array.from({ length: 4000 }, (_, index) => ({
      name: `blocks.${index}.weight`,
      shape: [index % 7],
    }));
    const { tensors: found, metadata, findings } = read(safetensorsFile(tensors, { long, after: 'end' }));
    assert.equal(metadata.get('long'), long);
    assert.equal(metadata.get('after'), 'end');
    assert.deepEqual(
      found.map(({ name, shape }) => ({ name, shape })),
      tensors,
    );
    assert.deepEqual(findings, []);
  });
});

describe('a safetensors file that is broken has the finding', () => {
  it('truncated: it is empty', () => assertFinding(Buffer.alloc(0), 'TRUNCATED', /is empty/));

  it('truncated: it is too short for a header', () => assertFinding(Buffer.alloc(7), 'TRUNCATED', /only 7 bytes/));

  it('truncated: its header is cut off', () => {
    assertFinding(safetensorsFile(TENSORS).subarray(0, 60), 'TRUNCATED', /only 52 of them are there/);
  });

  it('truncated: its data is cut off', () => {
    assertFinding(safetensorsFile(TENSORS).subarray(0, -7), 'TRUNCATED', /last 7 bytes/);
  });

  it('padded: bytes follow its tensors', () => {
    assertFinding(Buffer.concat([safetensorsFile(TENSORS), Buffer.alloc(9)]), 'PADDED', /^9 bytes follow/);
  });

  it('corrupt: its header length lies', () => {
    assertFinding(
      fileOf('{}', 100, 0xffff_ffff_ffff_ffffn),
      'CORRUPT',
      /claims 18446744073709551615 bytes, which is more/,
    );
    assertFinding(fileOf('{}xxxxxxxx', 0, 2n ** 63n), 'CORRUPT', /more than the file has/);
  });

  it('too large: its header is longer than the format allows', () => {
    const head = fileOf('{"a":', 0, 100_000_001n);
    const source: ByteSource = { size: 2 ** 40, read: (at, length) => head.subarray(at, at + length) };
    assert.deepEqual(
      readSafetensors(source).findings.map(({ code }) => code),
      ['TOO_LARGE'],
    );
  });

  it('too large: its header is longer than we read', () => {
    const head = fileOf('{"a":', 0, BigInt(READ_BUDGET_BYTES));
    const source: ByteSource = { size: 2 ** 40, read: (at, length) => head.subarray(at, at + length) };
    assert.match(readSafetensors(source).findings[0]?.message ?? '', /more than Lakeside reads/);
    const small = readSafetensors(bytesOf(safetensorsFile(TENSORS), 300));
    assert.deepEqual(
      small.findings.map(({ code }) => code),
      ['TOO_LARGE'],
    );
  });

  it('corrupt: its header is not JSON', () => {
    const headers = [
      '{',
      '{"a"',
      '{"a":1}',
      '{"a":{}}',
      '{"a":{"dtype":"F16","shape":[1]}}',
      '{,}',
      '{} x',
      '{"a\u0001":{}}',
      '{"\\x":{}}',
      '{"a":{"dtype":"F16","shape":[1.5],"data_offsets":[0,2]}}',
      '{"a":{"dtype":"F16","shape":[-1],"data_offsets":[0,2]}}',
      '{"a":{"dtype":"F16","shape":[1],"data_offsets":[0]}}',
      '{"a":{"dtype":"F16","shape":[1],"data_offsets":[0,2,3]}}',
      '{"a":{"dtype":16,"shape":[1],"data_offsets":[0,2]}}',
      '{"a":{"x":[}]}}',
      `{"a":{"x":${'['.repeat(100)}}}`,
      `{"a":{"dtype":"F16","shape":[${'9'.repeat(30)}],"data_offsets":[0,2]}}`,
      `{"a":{"dtype":"F16","shape":[${'1,'.repeat(40)}1],"data_offsets":[0,2]}}`,
      '{"__metadata__":{"a":"b"}',
    ];
    for (const header of headers) assert.deepEqual(codes(fileOf(header)), ['CORRUPT'], header);
    assert.deepEqual(codes(fileOf(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]))), ['CORRUPT']);
    assertFinding(fileOf('{"a":1}'), 'CORRUPT', /^Its header has no description of the tensor "a"/);
  });

  it('corrupt: a name is given twice', () => {
    const twice = `{${entry('a', 'F16', '[1]', '[0,2]')},${entry('a', 'F16', '[1]', '[2,4]')}}`;
    assertFinding(fileOf(twice, 4), 'CORRUPT', /"a" more than once/);
    assertFinding(fileOf('{"__metadata__":{"a":"b","a":"c"}}'), 'CORRUPT', /"a" more than once/);
    assertFinding(fileOf('{"__metadata__":{},"__metadata__":{}}'), 'CORRUPT', /more than once/);
    const field = '{"a":{"dtype":"F16","dtype":"F16","shape":[1],"data_offsets":[0,2]}}';
    assertFinding(fileOf(field, 2), 'CORRUPT', /"a: dtype" more than once/);
  });

  it('unknown dtype, and the tensor is kept', () => {
    const file = fileOf(`{${entry('a', 'F2_NEW', '[8]', '[0,2]')}}`, 2);
    assertFinding(file, 'UNKNOWN_DTYPE', /"F2_NEW"/);
    assert.equal(read(file).parameters, 8);
  });

  it('corrupt: there is a hole between tensors', () => {
    const hole = `{${entry('a', 'F16', '[1]', '[0,2]')},${entry('b', 'F16', '[1]', '[4,6]')}}`;
    assertFinding(fileOf(hole, 6), 'CORRUPT', /"b" lies behind a hole/);
    assertFinding(fileOf(`{${entry('a', 'F16', '[1]', '[2,4]')}}`, 4), 'CORRUPT', /hole/);
  });

  it('corrupt: tensors lie over each other', () => {
    const over = `{${entry('a', 'F16', '[2]', '[0,4]')},${entry('b', 'F16', '[2]', '[2,6]')}}`;
    assertFinding(fileOf(over, 6), 'CORRUPT', /"b" lies over another one/);
  });

  it('corrupt: a range ends before it begins, or is not what shape and dtype need', () => {
    assertFinding(fileOf(`{${entry('a', 'F16', '[1]', '[2,0]')}}`), 'CORRUPT', /ends before it begins/);
    assertFinding(fileOf(`{${entry('a', 'F16', '[3]', '[0,2]')}}`, 2), 'CORRUPT', /other bytes than its shape/);
    const huge = `[${Array.from({ length: 32 }, () => Number.MAX_SAFE_INTEGER).join(',')}]`;
    assertFinding(fileOf(`{${entry('a', 'F16', huge, '[0,2]')}}`, 2), 'CORRUPT', /other bytes than its shape/);
  });

  it('packed numbers of less than a byte are counted by bits', () => {
    assert.deepEqual(codes(fileOf(`{${entry('a', 'F4', '[6]', '[0,3]')}}`, 3)), []);
    assert.deepEqual(codes(fileOf(`{${entry('a', 'F6_E2M3', '[4]', '[0,3]')}}`, 3)), []);
    assert.deepEqual(codes(fileOf(`{${entry('a', 'F4', '[5]', '[0,3]')}}`, 3)), ['CORRUPT']);
  });

  it('metadata that is not text', () => {
    for (const value of ['1', 'null', '{"a":["b",{}]}', '[1,2]', 'true']) {
      const file = fileOf(`{"__metadata__":{"steps":${value},"title":"t"}}`);
      assertFinding(file, 'MALFORMED_METADATA', /"steps" is not text/);
      assert.equal(read(file).metadata.get('title'), 't');
    }
    assertFinding(fileOf('{"__metadata__":[1]}'), 'MALFORMED_METADATA', /"__metadata__" is not text/);
  });

  it('wrong extension: a safetensors file of another name', () => {
    assertFinding(safetensorsFile(TENSORS), 'WRONG_EXTENSION', /ends with "\.ckpt"/, '.ckpt');
    assert.deepEqual(codes(safetensorsFile(TENSORS), '.sft'), []);
  });

  it('wrong extension: something else that is named so', () => {
    const others: [start: string | Buffer, says: RegExp][] = [
      ['GGUF\u0003\u0000\u0000\u0000aaaaaaaa', /GGUF/],
      ['PK\u0003\u0004\u0000\u0000\b\b\u0000\u0000', /zip archive/],
      [Buffer.from([0x80, 0x02, 0x63, 0x74, 0x6f, 0x72, 0x63, 0x68, 0x0a]), /pickle/],
      ['<!DOCTYPE html>\n<html>login</html>', /web page/],
      ['version https://git-lfs.github.com/spec/v1\noid sha256:', /Git LFS pointer/],
      ['{"error":"not found"}', /JSON/],
      [Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0]), /PNG/],
    ];
    for (const [start, says] of others) {
      assertFinding(Buffer.from(start), 'WRONG_EXTENSION', says, '.safetensors');
    }
  });

  it('corrupt: something else that nobody knows', () => {
    assertFinding(Buffer.alloc(100, 0x41), 'CORRUPT', /does not begin with a safetensors header/);
  });
});

describe('a safetensors header that is hostile', () => {
  it('is read up to a number of tensors, and says so', () => {
    const tensors = Array.from({ length: 50_001 }, (_, index) => ({ name: String(index), shape: [0] }));
    const { findings, tensors: kept } = read(safetensorsFile(tensors));
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['TOO_LARGE'],
    );
    assert.equal(kept.length, 50_000);
  });

  it('loses metadata that is too large, and says so', () => {
    const file = safetensorsFile(TENSORS, { tags: 'x'.repeat(5_000_000), title: 't' });
    assertFinding(file, 'TOO_LARGE', /"tags" is larger/);
    assert.deepEqual([...read(file).metadata.keys()], ['title']);
    const many = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`k${index}`, 'x'.repeat(1_000_000)]));
    assert.equal(read(safetensorsFile([], many)).metadata.size, 8);
  });

  it('of 64 MiB takes little memory, whatever it is full of', function () {
    this.timeout(60_000);
    const fillings: Record<string, [start: string, repeated: string]> = {
      'one string': ['{"__metadata__":{"a":"', 'x'],
      escapes: ['{"__metadata__":{"a":"', '\\n'],
      'escapes that are kept': [`{"__metadata__":{${repeated(`"K":"${'\\n'.repeat(2_000_000)}"`, 4)}`, ' '],
      'white space': ['{', ' '],
      tensors: [`{${repeated(entry('K', 'F16', '[0]', '[0,0]'), 60_000)}`, ' '],
      'long names': [`{${repeated(entry('K'.padStart(1000, 'n'), 'F16', '[0]', '[0,0]'), 20_000)}`, ' '],
      'long shapes': [`{${repeated(entry('K', 'F16', `[${'1,'.repeat(31)}1]`, '[0,0]'), 20_000)}`, ' '],
      metadata: [`{"__metadata__":{${repeated('"K":"v"', 60_000)}`, ' '],
      'empty lists': ['{"a":{"x":[[]', ',[]'],
    };
    for (const [what, [start, filling]] of Object.entries(fillings)) {
      const file = Buffer.alloc(READ_BUDGET_BYTES - 512, filling);
      file.set(fileOf(start, 0, BigInt(file.length - 8)));
      const mebibytes = memoryOf(() => read(file));
      assert.ok(mebibytes < 64, `${what} took ${mebibytes} MiB`);
    }
  });
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What the heap and its buffers grow by, in MiB. */
function memoryOf(work: () => unknown): number {
  collectGarbage();
  const before = process.memoryUsage();
  // Kept until it is measured.
  const made = work();
  const after = process.memoryUsage();
  assert.ok(made !== undefined);
  const bytes = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  return Math.max(0, bytes) / 1024 / 1024;
}

/** An entry so many times, its K replaced by a number, joined by commas. */
function repeated(text: string, times: number): string {
  const [before = '', after = ''] = text.split('K');
  return Array.from({ length: times }, (_, index) => before + String(index) + after).join(',');
}

describe('any change of a safetensors file', () => {
  const whole = safetensorsFile(TENSORS, { 'modelspec.title': 'T', ss_tag_frequency: '{"10_cat":{"a cat":3}}' });

  it('is survived: no exception, findings that are sentences, bounded reads', () => {
    const change = fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), fc.option(fc.nat(whole.length)), (changes, cut) => {
        const file = Buffer.from(whole);
        for (const { at, byte } of changes) file[at] = byte;
        assertSane(file.subarray(0, cut ?? file.length));
      }),
      { numRuns: 4000 },
    );
  });

  it('is survived where pieces of JSON are put together at random', () => {
    const pieces = ['{', '}', '[', ']', ',', ':', '"', '\\', '"a"', '"dtype"', '"F16"', '"shape"', '"data_offsets"'];
    const more = ['[0,2]', '[1]', '"__metadata__"', '1e9', '-', '9'.repeat(40), ' ', '\u0000', 'null', 'ü', '{"a":{'];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces, ...more), { maxLength: 40 }), (parts) => {
        assertSane(fileOf(`{${parts.join('')}`, 2));
      }),
      { numRuns: 4000 },
    );
  });

  it('is survived where a header is any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        assertSane(bytes);
        assertSane(fileOf(Buffer.concat([Buffer.from('{'), bytes])));
      }),
      { numRuns: 2000 },
    );
  });

  it('reads what JSON.parse reads, of any header that is sound', () => {
    const name = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => text !== '__metadata__');
    const shape = fc.array(fc.nat(5), { maxLength: 4 });
    const tensor = fc.record({ name, shape }, { noNullPrototype: true });
    const tensors = fc.uniqueArray(tensor, { selector: (made) => made.name, maxLength: 12 });
    const text = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(tensors, fc.dictionary(text, text), (made, metadata) => {
        const found = read(safetensorsFile(made, metadata));
        assert.deepEqual(found.findings, []);
        assert.deepEqual(
          found.tensors.map(({ name: found, shape }) => ({ name: found, shape })),
          made,
        );
        const parsed: unknown = JSON.parse(safetensorsHeader([], metadata).header);
        assert.ok(typeof parsed === 'object' && parsed !== null && '__metadata__' in parsed);
        assert.deepEqual([...found.metadata], Object.entries(parsed.__metadata__ ?? {}));
      }),
      { numRuns: 500 },
    );
  });
});

function assertSane(file: Uint8Array): void {
  const source = counted(file);
  const { findings, tensors } = readSafetensors(source, '.safetensors');
  assert.ok(source.bytesRead() <= file.length + 256);
  assert.ok(tensors.length <= 50_000);
  for (const { code, message } of findings) {
    assert.ok(FINDING_CODES.includes(code));
    assert.match(message, /^[A-Z0-9].*\.$/su);
    assert.ok(message.length < 500);
    assert.doesNotMatch(message, /\p{Cc}/u);
  }
}
