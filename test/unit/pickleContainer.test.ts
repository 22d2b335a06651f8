import assert from 'node:assert/strict';

import { bytesOf, type ByteSource } from '../../src/library/models/byteSource.ts';
import { type PickleFile, readPickleFile } from '../../src/library/models/pickleContainer.ts';
import {
  BINPERSID,
  BUILD,
  bytes,
  EMPTY_DICT,
  EMPTY_LIST,
  EMPTY_TUPLE,
  global,
  int,
  MARK,
  NEWOBJ,
  NONE,
  pickle,
  proto,
  REDUCE,
  SETITEM,
  SETITEMS,
  stateDict,
  STOP,
  text,
  torchTensor,
  TUPLE,
  TUPLE1,
} from '../support/models/pickleAssembler.ts';
import { TORCH_FILES } from '../support/models/torchFiles.ts';
import { zipFile, type ZipPart } from '../support/models/zipAssembler.ts';

const STATE = stateDict(
  new Map([
    ['first.weight', torchTensor('HalfStorage', '0', 6, [2, 3])],
    ['first.bias', torchTensor('FloatStorage', '1', 2, [2])],
  ]),
);
const EVIL = pickle(proto(2), global('os', 'system'), text('echo'), TUPLE1, REDUCE, STOP);
const PARTS: readonly ZipPart[] = [
  { name: 'model/data.pkl', data: STATE, padding: 30 },
  { name: 'model/version', data: Buffer.from('3\n') },
  { name: 'model/data/0', data: Buffer.alloc(12), padding: 44 },
  { name: 'model/data/1', data: Buffer.alloc(8) },
];
const MAGIC = Buffer.from('8a0a6cfc9c46f9206aa850192e', 'hex');

function read(file: Uint8Array): PickleFile {
  return readPickleFile(bytesOf(file));
}

function assertSuspicious(file: Uint8Array, reason: RegExp): void {
  const { verdict } = read(file);
  assert.equal(verdict.level, 'suspicious', verdict.reasons.join(' '));
  assert.match(verdict.reasons.join(' '), reason);
}

function withEvil(...parts: readonly ZipPart[]): Buffer {
  return zipFile([...PARTS, ...parts]);
}

describe('a pickle container', () => {
  for (const { name, base64, container, tensors } of TORCH_FILES) {
    it(`is read as torch wrote it: ${name}`, () => {
      const file = read(Buffer.from(base64, 'base64'));
      assert.deepEqual([file.container, file.verdict.level, file.findings], [container, 'safe', []]);
      assert.deepEqual(file.tensors, tensors);
    });
  }

  describe('that is a zip file', () => {
    it('tells the tensors of its state dict', () => {
      const file = read(zipFile(PARTS));
      assert.deepEqual([file.container, file.verdict.level, file.findings], ['zip', 'safe', []]);
      assert.deepEqual(file.tensors, [
        { name: 'first.weight', dtype: 'F16', shape: [2, 3] },
        { name: 'first.bias', dtype: 'F32', shape: [2] },
      ]);
      assert.deepEqual([file.dtypes, file.tensorBytes], [['F16', 'F32'], 20]);
    });

    it('is read deflated, as zip64, and with data descriptors', () => {
      const deflated = PARTS.map((part) => ({ ...part, deflate: true }));
      const described = PARTS.map((part) => ({ ...part, flags: 0x808, local: { size: 0 } }));
      for (const file of [zipFile(deflated), zipFile(PARTS, { zip64: true }), zipFile(described)]) {
        const { verdict, tensors } = read(file);
        assert.deepEqual([verdict.level, verdict.reasons, tensors?.length], ['safe', [], 2]);
      }
    });

    it('is walked in every pickle, whatever its name', () => {
      for (const name of ['model/constants.pkl', 'other/data.pkl', 'model/notes.txt', 'x']) {
        assert.equal(read(withEvil({ name, data: EVIL })).verdict.level, 'dangerous', name);
        assert.equal(read(withEvil({ name, data: EVIL, deflate: true })).verdict.level, 'dangerous', name);
      }
      const old = pickle(NONE, global('os', 'system'), text('echo'), TUPLE1, REDUCE, STOP);
      assert.equal(read(withEvil({ name: 'x', data: old })).verdict.level, 'dangerous');
    });

    it('is dangerous by either of two data.pkl', () => {
      for (const parts of [
        [{ name: 'model/data.pkl', data: EVIL }, ...PARTS],
        [...PARTS, { name: 'model/data.pkl', data: EVIL }],
      ]) {
        const { verdict } = read(zipFile(parts));
        assert.equal(verdict.level, 'dangerous');
        assert.match(verdict.reasons.join(' '), /two entries of the same name/);
        assert.match(verdict.reasons.join(' '), /more than one data\.pkl/);
      }
    });

    it('is dangerous by a pickle under the name of a storage that nothing names', () =>
      assert.equal(read(withEvil({ name: 'model/data/7', data: EVIL })).verdict.level, 'dangerous'));

    it('takes no numbers of a tensor for a pickle', () => {
      const parts = PARTS.with(2, { name: 'model/data/0', data: Buffer.from('80024b012e00000000000000', 'hex') });
      assert.equal(read(zipFile(parts)).verdict.level, 'safe');
    });

    it('is suspicious where the local header has another name', () =>
      assertSuspicious(
        zipFile(PARTS.with(1, { name: 'model/version', data: Buffer.from('3'), local: { name: 'model/x.pkl' } })),
        /names an entry one way/,
      ));

    it('is suspicious where the local header has another size or method', () => {
      const version = { name: 'model/version', data: Buffer.from('3') };
      assertSuspicious(zipFile(PARTS.with(1, { ...version, local: { size: 9 } })), /describes an entry one way/);
      assertSuspicious(zipFile(PARTS.with(1, { ...version, local: { method: 8 } })), /describes an entry one way/);
    });

    it('is suspicious where an entry is encrypted', () =>
      assertSuspicious(zipFile(PARTS.with(1, { name: 'a', data: Buffer.from('3'), flags: 0x801 })), /encrypted/));

    it('is suspicious where entries lie over one another', () =>
      assertSuspicious(
        zipFile(PARTS.with(1, { name: 'a', data: Buffer.from('3'), central: { compressedSize: 90, size: 90 } })),
        /over one another/,
      ));

    it('is suspicious where an entry ends behind the file', () =>
      assertSuspicious(
        zipFile(
          PARTS.with(3, { name: 'a', data: Buffer.from('3'), central: { compressedSize: 2 ** 31, size: 2 ** 31 } }),
        ),
        /ends behind the file/,
      ));

    it('is suspicious where an entry is not where the table of contents says', () =>
      assertSuspicious(
        zipFile(PARTS.with(3, { name: 'a', data: Buffer.from('3'), central: { headerOffset: 3 } })),
        /not where they should be/,
      ));

    it('is suspicious, with a finding, where the table of contents counts wrongly', () => {
      const file = zipFile(PARTS, { count: 3 });
      assertSuspicious(file, /does not say what is in it/);
      assert.deepEqual(
        read(file).findings.map(({ code }) => code),
        ['CORRUPT'],
      );
    });

    it('is walked in both tables of contents where there are two', () => {
      const comment = zipFile([{ name: 'model/data.pkl', data: EVIL }]);
      const first = zipFile(PARTS, { comment: comment.subarray(0, 0xffff) });
      const { verdict } = read(first);
      assert.match(verdict.reasons.join(' '), /more than one table of contents|not where it should be/);
      assert.equal(verdict.level, 'dangerous');
    });

    it('is walked and suspicious where bytes were put before it', () => {
      const shifted = zipFile(PARTS, { prefix: Buffer.from('PK\x03\x04 something') });
      assertSuspicious(shifted, /not where it should be/);
      assert.equal(read(shifted).tensors?.length, 2);
    });

    it('is suspicious where another file hides behind its end', () =>
      assertSuspicious(Buffer.concat([zipFile(PARTS), Buffer.from('more')]), /bytes behind its end/));

    it('is truncated where its end is missing', () => {
      const file = read(zipFile(PARTS).subarray(0, -30));
      assert.equal(file.verdict.level, 'suspicious');
      assert.deepEqual(
        file.findings.map(({ code }) => code),
        ['TRUNCATED'],
      );
    });

    it('says that a tensor has too few bytes', () => {
      const file = read(zipFile(PARTS.with(2, { name: 'model/data/0', data: Buffer.alloc(5) })));
      assert.match(file.findings[0]?.message ?? '', /"model\/data\/0" has 5 bytes where 12 are needed/);
    });

    it('does not unpack more than its bound', () => {
      const bomb = zipFile([{ name: 'model/data.pkl', data: Buffer.alloc(60_000_000, 0x4e), deflate: true }]);
      assert.ok(bomb.length < 100_000);
      const before = process.memoryUsage().arrayBuffers;
      assertSuspicious(bomb, /cannot be unpacked|more than can be looked at/);
      assert.ok(process.memoryUsage().arrayBuffers - before < 64 * 1024 * 1024);
    });

    it('is suspicious with an archive or a program in it', () => {
      assertSuspicious(withEvil({ name: 'a.zip', data: zipFile(PARTS) }), /another archive/);
      assertSuspicious(withEvil({ name: 'model/code/a.py', data: Buffer.from('pass') }), /TorchScript/);
    });
  });

  describe('of torch before 1.6', () => {
    const keys = pickle(proto(2), EMPTY_LIST, STOP);
    const head = [MAGIC, pickle(proto(2), int(1001), STOP), pickle(proto(2), EMPTY_DICT, STOP)];
    const storages = Buffer.alloc(8 + 12 + 8 + 8);

    it('is read up to the numbers behind its pickles', () => {
      const file = read(Buffer.concat([proto(2), ...head, STATE, keys, storages]));
      assert.deepEqual([file.container, file.verdict.level, file.findings], ['torch', 'safe', []]);
      assert.equal(file.tensors?.length, 2);
    });

    it('is truncated or padded by what follows its pickles', () => {
      const codes = [storages.subarray(1), Buffer.concat([storages, Buffer.alloc(3)])].map(
        (tail) => read(Buffer.concat([proto(2), ...head, STATE, keys, tail])).findings[0]?.code,
      );
      assert.deepEqual(codes, ['TRUNCATED', 'PADDED']);
    });

    it('is dangerous by any of its five pickles', () => {
      const parts = [...head, STATE, keys];
      for (let index = 1; index < parts.length; index += 1) {
        const { verdict } = read(Buffer.concat([proto(2), ...parts.with(index, EVIL), storages]));
        assert.equal(verdict.level, 'dangerous', `pickle ${index}`);
      }
    });
  });

  describe('of another kind', () => {
    it('is suspicious where it cannot be looked into', () => {
      for (const magic of ['377abcaf271c', '1f8b08', 'fd377a585a00', '425a68', '28b52ffd', '526172211a07']) {
        assertSuspicious(Buffer.concat([Buffer.from(magic, 'hex'), Buffer.alloc(600)]), /archive/);
      }
      assertSuspicious(Buffer.alloc(600), /opcode/);
      assertSuspicious(Buffer.alloc(0), /ends/);
    });

    it('is walked as a tar file', () => {
      const { container, verdict } = read(tarFile('pickle', EVIL));
      assert.deepEqual([container, verdict.level], ['tar', 'dangerous']);
      assert.equal(read(tarFile('pickle', STATE)).tensors?.length, 2);
    });

    it('is walked as all that programs could take it for', () => {
      assert.equal(read(Buffer.concat([STATE, zipFile([{ name: 'a.pkl', data: EVIL }])])).verdict.level, 'dangerous');
      assertSuspicious(Buffer.concat([STATE, zipFile(PARTS)]), /zip file to one program/);
      const both = tarFile(`\x80\x02${global('os', 'system').toString()}.`, STATE);
      assert.equal(read(both).verdict.level, 'dangerous');
    });

    it('is walked behind the header of a numpy array of objects', () => {
      const npy = (descr: string, data: Uint8Array): Buffer => {
        const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (1,), }\n`;
        return Buffer.concat([
          Buffer.from(`\x93NUMPY\x01\0`, 'latin1'),
          Buffer.from([header.length, 0]),
          Buffer.from(header),
          data,
        ]);
      };
      assert.equal(read(npy('|O', EVIL)).verdict.level, 'dangerous');
      assert.equal(read(npy('<f4', Buffer.alloc(4))).verdict.level, 'safe');
      assert.equal(read(zipFile([{ name: 'arr_0.npy', data: npy('|O', EVIL) }])).verdict.level, 'dangerous');
    });
  });

  describe('tells tensors', () => {
    const tensor = torchTensor('BFloat16Storage', '0', 4, [4]);

    it('of a checkpoint that holds its state dict among other things', () => {
      const inner = [global('collections', 'OrderedDict'), EMPTY_TUPLE, REDUCE, text('w'), tensor, SETITEM];
      const checkpoint = [
        EMPTY_DICT,
        MARK,
        text('epoch'),
        int(3),
        text('state_dict'),
        ...inner,
        text('ema'),
        ...inner,
        SETITEMS,
      ];
      assert.deepEqual(
        read(pickle(proto(2), ...checkpoint, STOP))
          .tensors?.map(({ name }) => name)
          .sort(),
        ['ema.w', 'w'],
      );
    });

    it('of an embedding', () => {
      const parameters = [global('torch.nn.modules.container', 'ParameterDict'), EMPTY_TUPLE, NEWOBJ];
      const state = [EMPTY_DICT, text('_parameters'), EMPTY_DICT, text('*'), tensor, SETITEM, SETITEM, BUILD];
      const file = read(pickle(proto(2), EMPTY_DICT, text('string_to_param'), ...parameters, ...state, SETITEM, STOP));
      assert.deepEqual(file.tensors, [{ name: 'string_to_param.*', dtype: 'BF16', shape: [4] }]);
      assert.equal(file.verdict.level, 'safe');
    });

    it('of parameters', () => {
      const parameter = [global('torch._utils', '_rebuild_parameter'), MARK, tensor, NONE, EMPTY_DICT, TUPLE, REDUCE];
      const file = read(pickle(proto(2), EMPTY_DICT, text('p'), ...parameter, SETITEM, STOP));
      assert.deepEqual(file.tensors, [{ name: 'p', dtype: 'BF16', shape: [4] }]);
    });

    it('of nothing where there is no dictionary of them', () => {
      assert.equal(read(pickle(proto(2), NONE, STOP)).tensors, undefined);
      assert.equal(read(pickle(proto(2), EMPTY_DICT, STOP)).tensors, undefined);
      const odd = pickle(proto(2), EMPTY_DICT, text('a'), text('storage'), TUPLE1, BINPERSID, SETITEM, STOP);
      assert.equal(read(odd).tensors, undefined);
    });
  });

  it('that needs more reading than its budget is suspicious and too large', () => {
    const large = pickle(proto(2), ...Array.from({ length: 300 }, () => pickle(text('x'.repeat(3_000)), NONE)), STOP);
    const file = readPickleFile(bytesOf(large, 200_000));
    assert.equal(file.verdict.level, 'suspicious');
    assert.deepEqual(
      file.findings.map(({ code }) => code),
      ['TOO_LARGE'],
    );
  });

  it('whose arrays are large is read with little of the budget', () => {
    const array = bytes(Buffer.alloc(1_000_000));
    const file = readPickleFile(bytesOf(pickle(proto(3), ...Array.from({ length: 20 }, () => array), STOP), 500_000));
    assert.deepEqual([file.verdict.level, file.findings], ['safe', []]);
  });

  it('that cannot be read throws what the system said', () => {
    const broken: ByteSource = {
      size: 100,
      read: () => {
        throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
      },
    };
    assert.throws(() => readPickleFile(broken), /EIO/);
  });
});

function tarFile(name: string, data: Uint8Array): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0, 'latin1');
  header.write(data.length.toString(8).padStart(11, '0'), 124);
  header.write('        ', 148);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, data, Buffer.alloc(1024 + ((512 - (data.length % 512)) % 512))]);
}
