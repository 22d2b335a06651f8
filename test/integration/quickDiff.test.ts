import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

import { type DiffArguments, readDiffArguments } from '../../src/cli/diffArguments.ts';
import { quickDiff } from '../../src/cli/quickDiff.ts';
import { CONFIG_FILE } from '../../src/cli/settingVariables.ts';
import { StreamTerminal } from '../../src/cli/terminal.ts';
import { DATABASE_FILE } from '../../src/store/databaseFile.ts';
import { diffDocument, errorDocument } from '../support/cliSchemas.ts';
import { documentOf, endOf, runCommand, startCommand, TextStream } from '../support/commandLine.ts';
import { put } from '../support/engineOn.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

describe('the arguments of a quick diff', () => {
  it('are those of a plain diff as JSON, in any order', () => {
    const question = { from: 'local', to: 'lake', all: false, dataDir: undefined };
    assert.deepEqual(readDiffArguments(['diff', '--from', 'local', '--to', 'lake', '--json']), question);
    assert.deepEqual(
      readDiffArguments(['--json', '--data-dir', 'data', 'diff', '--to', 'lake', '--all', '--from', 'local']),
      { ...question, all: true, dataDir: 'data' },
    );
  });

  it('are nothing else', () => {
    for (const args of [
      'diff --from local --to lake',
      'diff --from local --json',
      '--from local --to lake --json',
      'diff --from local --to lake --json --content',
      'diff --from=local --to lake --json',
      'diff --from local --to lake --json --help',
      'diff --from local --from lake --to lake --json',
      'diff --from --to lake --json',
      'diff diff --from local --to lake --json',
      'diff --from local --to lake --json more',
    ]) {
      assert.equal(readDiffArguments(args.split(' ')), undefined, args);
    }
  });
});

describe('a quick diff', () => {
  const folder = temporaryFolder();
  const dataDir = (): string => join(folder(), 'data');
  const question = (): DiffArguments => ({ from: 'local', to: 'lake', all: false, dataDir: dataDir() });
  const whole = ['diff', '--from', 'local', '--to', 'lake', '--json'];

  async function ask(
    asked: DiffArguments,
    environment: Record<string, string> = {},
  ): Promise<{ code: number | undefined; text: string }> {
    const output = new TextStream();
    const terminal = new StreamTerminal(output, new TextStream());
    const process = { environment, platform: 'linux', homeDir: '/nowhere', workingDir: folder(), terminal } as const;
    return { code: await quickDiff(asked, process), text: output.text };
  }

  beforeEach(async () => {
    put(join(folder(), 'local'), 'a/b.safetensors', 'b');
    put(join(folder(), 'local'), 'c.safetensors', 'c');
    put(join(folder(), 'local'), 'same.safetensors', '');
    put(join(folder(), 'lake'), 'a/b.safetensors', 'other');
    put(join(folder(), 'lake'), 'd.safetensors', 'c');
    put(join(folder(), 'lake'), 'same.safetensors', '');
    for (const name of ['local', 'lake'])
      assert.equal((await runCommand({ dataDir: dataDir() }, 'roots', 'add', name, join(folder(), name))).code, 0);
    assert.equal((await runCommand({ dataDir: dataDir() }, 'scan', '--hash')).code, 0);
  });

  it('says what the whole command line says', async () => {
    for (const all of [false, true]) {
      const quick = await ask({ ...question(), all });
      assert.equal(quick.code, 0);
      const { ms: _ours, ...ours } = diffDocument.parse(JSON.parse(quick.text));
      const result = await runCommand({ dataDir: dataDir() }, ...whole, ...(all ? ['--all'] : []));
      const { ms: _theirs, ...theirs } = documentOf(result, diffDocument);
      assert.deepEqual(ours, theirs);
      assert.equal(ours.counts.moved, 1);
    }
  });

  it('is what the process does, and leaves errors to the whole command line', async () => {
    const process = await endOf(startCommand(dataDir(), whole));
    assert.deepEqual([process.code, process.errors], [0, '']);
    assert.equal(documentOf(process, diffDocument).counts.moved, 1);
    const wrong = await endOf(startCommand(dataDir(), ['diff', '--from', 'local', '--to', 'nowhere', '--json']));
    assert.deepEqual([wrong.code, documentOf(wrong, errorDocument).error.code], [2, 'ROOT_UNKNOWN']);
  });

  it('leaves it to the whole command line where settings, or a database to bring up to date, come first', async () => {
    const left = { code: undefined, text: '' };
    assert.deepEqual(await ask({ ...question(), to: 'nowhere' }), left);
    assert.deepEqual(await ask({ ...question(), dataDir: join(folder(), 'none') }), left);
    assert.deepEqual(await ask(question(), { LAKE_MODELS_ROOT: '/elsewhere' }), left);
    writeFileSync(join(dataDir(), CONFIG_FILE), '{}');
    assert.deepEqual(await ask(question()), left);
    writeFileSync(join(dataDir(), DATABASE_FILE), 'no database');
    assert.deepEqual(await ask(question()), left);
  });

  it('leaves a database with other migrations to the whole command line', async () => {
    const database = new Database(join(dataDir(), DATABASE_FILE));
    database.prepare("INSERT INTO schema_migrations VALUES ('9999_later', '', 0)").run();
    database.close();
    assert.deepEqual(await ask(question()), { code: undefined, text: '' });
  });
});
