import assert from 'node:assert/strict';

import { bytesOf } from '../../src/library/models/byteSource.ts';
import { readPickleFile } from '../../src/library/models/pickleContainer.ts';
import {
  bytes,
  DUP,
  EMPTY_TUPLE,
  global,
  int,
  MARK,
  NONE,
  pickle,
  proto,
  put,
  REDUCE,
  STOP,
  TUPLE,
  TUPLE1,
  TUPLE2,
} from '../support/models/pickleAssembler.ts';
import { PYTHON_PICKLES } from '../support/models/pythonPickles.ts';
import { TORCH_FILES } from '../support/models/torchFiles.ts';
import { printedSeed, randomFrom } from '../support/seed.ts';

const SEEDS = [...PYTHON_PICKLES, ...TORCH_FILES].map(({ base64 }) => Buffer.from(base64, 'base64'));
const PICKLES = 100_000;
const MOST_MEMORY = 64 * 1024 * 1024;

/** A copy with some bytes changed, cut, doubled or taken from another file. */
function mutated(random: () => number): Buffer {
  const pick = (): Buffer => SEEDS[Math.floor(random() * SEEDS.length)] ?? Buffer.alloc(0);
  const file = Buffer.from(pick());
  const at = (): number => Math.floor(random() * file.length);
  for (let changes = 1 + Math.floor(random() * 4); changes > 0; changes -= 1) {
    file[at()] = random() < 0.5 ? Math.floor(random() * 256) : (pick()[Math.floor(random() * 40)] ?? 0);
  }
  const way = random();
  if (way < 0.1) return file.subarray(0, at());
  if (way < 0.2) return Buffer.concat([file.subarray(0, at()), pick().subarray(Math.floor(random() * 20))]);
  if (way < 0.3) return Buffer.concat([file.subarray(0, at()), file.subarray(at())]);
  return file;
}

/** Reads a file and asserts that it takes no more memory than a hostile header may; how long it takes, the test's timeout bounds. */
function assertBounded(file: Buffer, what: string): void {
  const before = process.memoryUsage.rss();
  const { verdict } = readPickleFile(bytesOf(file));
  assert.equal(verdict.level, 'suspicious', what);
  assert.ok(process.memoryUsage.rss() - before < 4 * MOST_MEMORY, `${what} took too much memory`);
}

function repeated(count: number, ...parts: readonly Uint8Array[]): Buffer {
  const part = Buffer.concat(parts);
  return Buffer.alloc(part.length * count, part);
}

describe('a hostile pickle', () => {
  it(`never makes the reader fail, in ${PICKLES} mutations`, function () {
    this.timeout(120_000);
    const seed = printedSeed('mutated pickles');
    const random = randomFrom(seed);
    const levels = new Map<string, number>();
    for (let index = 0; index < PICKLES; index += 1) {
      const file = mutated(random);
      try {
        const { level } = readPickleFile(bytesOf(file)).verdict;
        levels.set(level, (levels.get(level) ?? 0) + 1);
      } catch (error) {
        throw new Error(`SEED=${seed} at ${index}: ${file.toString('base64')}`, { cause: error });
      }
    }
    assert.deepEqual([...levels.keys()].sort(), ['dangerous', 'safe', 'suspicious'], 'it hardly mutates anything');
  });

  const OPCODES = 8_000_000;
  const rows: readonly (readonly [what: string, file: () => Buffer])[] = [
    ['of marks', () => repeated(OPCODES, MARK)],
    ['of values', () => repeated(OPCODES, NONE)],
    ['of lists', () => repeated(OPCODES, Buffer.from(']'))],
    ['of tuples in tuples', () => pickle(NONE, repeated(OPCODES, TUPLE1), STOP)],
    ['of tuples of twice the same', () => pickle(NONE, repeated(OPCODES, DUP, TUPLE2), STOP)],
    [
      'of a large tuple that is made into a dictionary again and again',
      () =>
        pickle(
          ...[MARK, repeated(100_000, NONE), TUPLE, put(1), Buffer.from('0')],
          repeated(
            200_000,
            global('builtins', 'dict'),
            Buffer.from('h\x01', 'latin1'),
            TUPLE1,
            REDUCE,
            Buffer.from('0'),
          ),
        ),
    ],
    ['of names', () => Buffer.concat(Array.from({ length: 200_000 }, (_, index) => global(`m${index}`, 'n')))],
    ['of calls', () => pickle(repeated(OPCODES / 8, global('a', 'b'), EMPTY_TUPLE, REDUCE), STOP)],
    ['of memo entries', () => pickle(NONE, repeated(OPCODES, Buffer.from([0x94])), STOP)],
    ['of pickles', () => repeated(OPCODES / 8, proto(2), int(1), STOP)],
    [
      'of pickles in pickles',
      () => {
        let inner = pickle(NONE, STOP);
        for (let depth = 0; depth < 3_000; depth += 1) {
          inner = pickle(global('torch.storage', '_load_from_bytes'), bytes(inner), TUPLE1, REDUCE, STOP);
        }
        return pickle(inner, Buffer.from([0]));
      },
    ],
    ['of one endless line', () => pickle(Buffer.from('c'), Buffer.alloc(OPCODES, 'a'))],
    ['of lines of digits', () => repeated(100, Buffer.from('L'), Buffer.alloc(60_000, '9'), Buffer.from('\n'))],
    ['of lines of escapes', () => repeated(100, Buffer.from("S'"), Buffer.alloc(60_000, '\\x'), Buffer.from("'\n"))],
    [
      'that is full of ends of zip files',
      () => repeated(6_000, Buffer.from('504b0506000000000100010001000000000000000000', 'hex')),
    ],
  ];
  for (const [what, file] of rows) {
    it(`${what} takes little memory`, function () {
      this.timeout(60_000);
      assertBounded(file(), what);
    });
  }
});
