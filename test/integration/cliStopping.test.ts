import assert from 'node:assert/strict';
import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';

import type { CommandEngine } from '../../src/cli/session.ts';
import type { JobProgress } from '../../src/protocol/engineEvents.ts';
import { applyDocument, errorDocument, jobsDocument, partialsDocument } from '../support/cliSchemas.ts';
import { type CommandResult, documentOf, openRealEngine, runCommand } from '../support/commandLine.ts';
import { put } from '../support/engineOn.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const FILES = 300;
const MIB = 1024 ** 2;
const APPLY = ['apply', 'p.lakeplan.json'];

describe('an apply on the command line that is stopped', function () {
  this.timeout(30_000);
  const folder = temporaryFolder();
  const local = (): string => join(folder(), 'local');
  const lake = (): string => join(folder(), 'lake');
  const dataDir = (): string => join(folder(), 'data');
  const run = (...args: string[]): Promise<CommandResult> =>
    runCommand({ dataDir: dataDir(), workingDir: folder() }, ...args);

  async function json<T>(schema: z.ZodType<T>, code: number, ...args: string[]): Promise<T> {
    const result = await run('--json', ...args);
    assert.equal(result.code, code, result.output + result.errors);
    return documentOf(result, schema);
  }

  async function plan(): Promise<void> {
    mkdirSync(lake(), { recursive: true });
    await run('roots', 'add', 'local', 'local');
    await run('roots', 'add', 'lake', 'lake');
    await run('scan');
    await run('plan', 'mirror', '--from', 'local', '--to', 'lake', '--out', 'p.lakeplan.json');
  }

  async function planOfMany(): Promise<void> {
    for (let index = 0; index < FILES; index++) put(local(), `m${index}.safetensors`, `${index}`.repeat(20_000));
    await plan();
  }

  /** Runs a command; `act` is called once, when a job of it has got somewhere. */
  async function runWhile(
    act: (engine: CommandEngine, progress: JobProgress) => void,
    { signal = new AbortController().signal, after = 0 }: { signal?: AbortSignal; after?: number },
    ...args: string[]
  ): Promise<CommandResult> {
    let acted = false;
    return runCommand(
      {
        dataDir: dataDir(),
        workingDir: folder(),
        signal,
        async openEngine(options) {
          const engine = await openRealEngine(options);
          engine.onProgress((progress) => {
            if (acted || progress.kind !== 'apply' || progress.progress.doneBytes <= after) return;
            acted = true;
            act(engine, progress);
          });
          return engine;
        },
      },
      ...args,
    );
  }

  const firstApply = async (): Promise<z.infer<typeof jobsDocument>['jobs'][number]> => {
    const found = (await json(jobsDocument, 0, 'jobs')).jobs.find(({ kind }) => kind === 'apply');
    assert.ok(found);
    return found;
  };

  it('stays in the queue when it is paused by its id, and goes on when it is resumed', async () => {
    await planOfMany();
    const paused = await runWhile(
      (engine, { job }) => void engine.call('jobs.pause', { what: 'job', id: job }),
      {},
      ...APPLY,
    );
    assert.equal(paused.code, 2, paused.output);
    const { id, status } = await firstApply();
    assert.equal(status, 'paused');
    const resume = `jobs resume ${id.slice(0, 8)}`;
    assert.match(paused.errors, new RegExp(`is paused, and stays in the queue. To go on: lakeside ${resume},`));
    // Asked again it is the same job, which is not taken away either.
    assert.equal((await json(errorDocument, 2, ...APPLY)).error.code, 'JOB_PAUSED');
    assert.equal((await firstApply()).status, 'paused');
    await run(...resume.split(' '));
    const { done, already } = await json(applyDocument, 0, ...APPLY);
    assert.equal(done + already, FILES);
    const ended = await firstApply();
    assert.deepEqual([ended.id, ended.status], [id, 'succeeded']);
  });

  for (const [held, words] of [
    [{ what: 'all' }, '--all'],
    [{ what: 'kind', kind: 'apply' }, '--kind apply'],
  ] as const) {
    it(`names the hold when it is paused with ${words}`, async () => {
      await planOfMany();
      const paused = await runWhile((engine) => void engine.call('jobs.pause', held), {}, ...APPLY);
      assert.equal(paused.code, 2, paused.output);
      assert.ok(paused.errors.includes(`To go on: lakeside jobs resume ${words}, then`), paused.errors);
      assert.equal((await firstApply()).status, 'paused');
      await run('jobs', 'resume', ...words.split(' '));
      await json(jobsDocument, 0, 'jobs', 'run');
      assert.equal((await firstApply()).status, 'succeeded');
    });
  }

  describe('in the midst of a large file', () => {
    const settings = (): string => join(dataDir(), 'lakeside.config.json');
    const stop = new AbortController();

    beforeEach(async () => {
      put(local(), 'large.safetensors', '');
      // Zeros without blocks: little of it is written before it ends.
      truncateSync(join(local(), 'large.safetensors'), 128 * MIB);
      await plan();
      writeFileSync(settings(), JSON.stringify({ 'transfer.bandwidth': { megabytesPerSecond: 20, timetable: [] } }));
    });

    const partials = async (): Promise<number> =>
      (await json(partialsDocument, 0, 'partials', 'list', 'lake')).partials.length;

    it('keeps what it has by Ctrl-C, says so, and goes on with it', async () => {
      const stopped = await runWhile(() => stop.abort(), { signal: stop.signal, after: 20 * MIB }, ...APPLY);
      assert.equal(stopped.code, 130, stopped.errors);
      assert.match(stopped.errors, /of a large file that was half-copied the part is kept\. Apply it again to go on\./);
      assert.equal(await partials(), 1);
      assert.match((await run('jobs')).output, /canceled +Mirror Local → Lake +0 of 1 files/);
      rmSync(settings());
      assert.equal((await json(applyDocument, 0, ...APPLY)).done, 1);
      assert.equal(await partials(), 0);
    });

    it('removes it when it is canceled by somebody, and says so', async () => {
      const canceled = await runWhile(
        (engine, { job }) => void engine.call('jobs.cancel', { id: job }),
        { after: 20 * MIB },
        ...APPLY,
      );
      assert.equal(canceled.code, 130, canceled.errors);
      assert.match(canceled.errors, /files that were half-copied were removed\./);
      assert.equal(await partials(), 0);
    });
  });

  it('is listed with what it did, not with what it looked at', async () => {
    put(local(), 'a.safetensors', 'a');
    put(lake(), 'b.safetensors', 'bb');
    mkdirSync(lake(), { recursive: true });
    await plan();
    await run('plan', 'both', '--from', 'local', '--to', 'lake', '--out', 'both.lakeplan.json');
    await run('apply', 'both.lakeplan.json');
    const { progress } = await firstApply();
    assert.deepEqual([progress?.doneItems, progress?.totalItems], [2, 2], 'both ways');
    assert.match((await run('jobs')).output, /succeeded +Both ways Local ⇄ Lake +2 steps done, 3 B\n/);
    await run('apply', 'both.lakeplan.json');
    assert.match((await run('jobs')).output, /succeeded +Both ways Local ⇄ Lake +0 steps done, 2 already so\n/);
  });

  it('waits in a queue that is paused; what only looks is taken out of it, and says so', async () => {
    put(local(), 'a.safetensors', 'a');
    await plan();
    await run('jobs', 'pause', '--all');
    const { code, errors } = await run(...APPLY);
    assert.equal(code, 2);
    assert.match(errors, /stays in the queue\. To go on: lakeside jobs resume --all,/);
    assert.equal((await firstApply()).status, 'queued');
    const scan = await run('scan', 'local');
    assert.equal(scan.code, 2);
    assert.match(
      scan.errors,
      /did not begin\. The queue is paused\. First: lakeside jobs resume --all, then try again\./,
    );
    await run('jobs', 'resume', '--all');
    assert.equal((await json(applyDocument, 0, ...APPLY)).done, 1);
  });
});
