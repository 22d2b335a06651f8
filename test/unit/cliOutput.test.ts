import assert from 'node:assert/strict';
import { Writable } from 'node:stream';

import { LakesideError } from '../../src/base/errors.ts';
import { exitCodeOf } from '../../src/cli/exitCode.ts';
import { writeDocument, writeListDocument } from '../../src/cli/jsonDocument.ts';
import { jobProblem, progressLine } from '../../src/cli/runJobs.ts';
import { formatTable, printable } from '../../src/cli/table.ts';
import { StreamTerminal } from '../../src/cli/terminal.ts';
import type { Job } from '../../src/protocol/values.ts';
import { TextStream } from '../support/commandLine.ts';

const right = { title: 'SIZE', align: 'right' } as const;

describe('a table on the command line', () => {
  it('aligns its columns and ends no line in spaces', () => {
    const rows = [
      ['a', '1 B', ''],
      ['long name', '100 B', 'note'],
    ];
    assert.equal(
      formatTable([{ title: 'NAME' }, right, { title: 'NOTE' }], rows),
      'NAME        SIZE  NOTE\na            1 B\nlong name  100 B  note\n',
    );
  });

  it('has no title line when there are no titles', () => {
    assert.equal(formatTable([{ title: '' }, { title: '' }], [['a', 'b']]), 'a  b\n');
  });

  it('counts wide characters as two columns and combining marks as none', () => {
    assert.equal(
      formatTable(
        [{ title: '' }, { title: '' }],
        [
          ['模型', '|'],
          ['e\u0301tat', '|'],
          ['abcd', '|'],
        ],
      ),
      '模型  |\ne\u0301tat  |\nabcd  |\n',
    );
  });

  it('shows control characters of a name instead of sending them to the terminal', () => {
    assert.equal(printable('a\u001B[2Jb\nc'), String.raw`a\x1b[2Jb\x0ac`);
  });
});

describe('a JSON document on the command line', () => {
  async function listText(count: number, head: object, tail: object): Promise<string> {
    const output = new TextStream();
    const items = Array.from({ length: count }, (_, number) => ({ number }));
    const terminal = new StreamTerminal(output, new TextStream());
    await writeListDocument(terminal, { head: { ...head }, list: 'items', items, tail: { ...tail } });
    return output.text;
  }

  it('is one line, or one line an item where it is a list', async () => {
    assert.equal(await listText(2, { a: 1 }, { z: 2 }), '{"a":1,"items":[\n{"number":0},\n{"number":1}\n],"z":2}\n');
    assert.equal(await listText(0, {}, {}), '{"items":[]}\n');
    const output = new TextStream();
    await writeDocument(new StreamTerminal(output, new TextStream()), { a: [1] });
    assert.equal(output.text, '{"a":[1]}\n');
  });

  it('is whole whatever its length', async () => {
    const document: unknown = JSON.parse(await listText(50_000, {}, { end: true }));
    assert.ok(typeof document === 'object' && document !== null && 'items' in document);
    assert.equal(Array.isArray(document.items) && document.items.length, 50_000);
  });
});

describe('the terminal', () => {
  it('writes progress over and over on one line, cut to the width, and takes it away', () => {
    const errors = new TextStream(20);
    const terminal = new StreamTerminal(new TextStream(), errors);
    terminal.progress('Scan lake: 1 file');
    terminal.progress('Scan lake: 1 file');
    terminal.progress('Scan lake: 100,000 files');
    terminal.note('done');
    const erase = '\r\u001B[2K';
    assert.equal(errors.text, `${erase}Scan lake: 1 file${erase}Scan lake: 100,000…${erase}done\n`);
  });

  it('writes a line now and then where nobody watches', () => {
    let now = 0;
    const errors = new TextStream();
    const terminal = new StreamTerminal(new TextStream(), errors, () => now);
    for (now = 0; now <= 25_000; now += 1_000) terminal.progress(`after ${now} ms`);
    assert.equal(errors.text, 'after 10000 ms\nafter 20000 ms\n');
  });

  it('goes on quietly when its reader has gone', async () => {
    const output = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
    });
    const errors = new TextStream();
    const terminal = new StreamTerminal(output, errors);
    await terminal.write('x'.repeat(100_000));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(terminal.isClosed, true);
    await terminal.write('more');
    assert.equal(errors.text, '');
  });
});

describe('what a command says of its job', () => {
  const progress = {
    doneItems: 3,
    totalItems: 10,
    doneBytes: 1024 ** 3,
    totalBytes: 8 * 1024 ** 3,
    text: 'a.safetensors',
  };
  const job: Job = {
    ...{ id: '1', kind: 'scan', title: 'Scan lake', status: 'succeeded', attempts: 1, progress: null },
    ...{ createdAt: 0, startedAt: 0, finishedAt: 0 },
  };

  it('counts files and bytes, and names the file at hand', () => {
    assert.equal(
      progressLine('Hash lake', progress),
      'Hash lake: 3 of 10 files, 1.0 GB of 8.0 GB (12 %), a.safetensors',
    );
    const early = { doneItems: 1_200, totalItems: null, doneBytes: 0, totalBytes: null };
    assert.equal(progressLine('Scan lake', early), 'Scan lake: 1,200 files');
  });

  it('has an exit code for every way to end', () => {
    const codeOf = (change: Partial<Job>): number | undefined => {
      const problem = jobProblem({ ...job, ...change });
      return problem === undefined ? undefined : exitCodeOf(problem);
    };
    assert.equal(codeOf({}), undefined);
    assert.equal(codeOf({ status: 'canceled' }), 130);
    assert.equal(codeOf({ status: 'waiting', waitingFor: 'The Lake is not mounted.' }), 3);
    const failed = { code: 'EIO', category: 'infra', message: 'The device failed.' } as const;
    assert.equal(codeOf({ status: 'failed', error: failed }), 3);
    assert.equal(exitCodeOf(new LakesideError('X', 'validation', 'x')), 2);
    assert.equal(exitCodeOf(new LakesideError('X', 'policy', 'x')), 2);
    assert.equal(exitCodeOf(new LakesideError('X', 'unknown', 'x')), 3);
  });
});
