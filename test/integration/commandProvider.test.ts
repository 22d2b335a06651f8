import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';

import { LakesideError } from '../../src/base/errors.ts';
import type { Engine } from '../../src/engine.ts';
import { type CommandSetting, commandSettings, generatorCommand, setCommands } from '../support/commandSettings.ts';
import { engines } from '../support/engineOn.ts';
import { ended, type EndedRun, generate, workItem } from '../support/studioOn.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

describe('a command as a provider', () => {
  const open = engines();
  const folder = temporaryFolder();
  const note = (): string => join(folder(), 'note');

  async function begin(command: CommandSetting, prompt = 'a lake'): Promise<{ engine: Engine; run: string }> {
    const engine = await open(join(folder(), 'data'));
    await setCommands(engine, command);
    const item = await workItem(engine);
    return { engine, run: await generate(engine, item, { provider: command.name, prompt, seed: 9, values: {} }) };
  }
  async function outcome(command: CommandSetting, prompt?: string): Promise<EndedRun> {
    const { engine, run } = await begin(command, prompt);
    return ended(engine, run);
  }
  async function noted(): Promise<string> {
    while (!existsSync(note()) || readFileSync(note(), 'utf8') === '') await delay(10);
    return readFileSync(note(), 'utf8');
  }
  function failure({ run, job, images }: EndedRun): string {
    assert.deepEqual([run.status, job.status, images.length], ['failed', 'failed', 0]);
    assert.equal(run.error?.message, job.error?.message);
    return `${run.error?.code}: ${run.error?.message}`;
  }

  it('gives it each word as it is, of prompts that a shell would take apart too', async () => {
    const prompt = `a "lake" $(touch ${join(folder(), 'owned')}); \`rm -rf /\` {seed} | & > %PATH%\nnext line`;
    const command = generatorCommand([
      '--mode',
      'environment',
      '--pid',
      note(),
      '--prompt',
      '{prompt}',
      '--seed',
      '{seed}',
    ]);
    const { run, images } = await outcome(command, prompt);
    assert.equal(run.status, 'succeeded', run.error?.message);
    const { argv } = z.looseObject({ argv: z.array(z.string()) }).parse(JSON.parse(await noted()));
    assert.equal(argv[argv.indexOf('--prompt') + 1], prompt);
    assert.equal(argv[argv.indexOf('--seed') + 1], '9');
    assert.ok(!existsSync(join(folder(), 'owned')));
    assert.deepEqual([images[0]?.width, images[0]?.height], [16, 8]);
  });

  it('gives it no variable of the environment that was not allowed', async () => {
    Object.assign(process.env, { LAKESIDE_TEST_SECRET: 'secret', LAKESIDE_TEST_ALLOWED: 'allowed' });
    try {
      const command = generatorCommand(['--mode', 'environment', '--pid', note()], { env: ['LAKESIDE_TEST_ALLOWED'] });
      await outcome(command);
      const { env, cwd } = z
        .object({ env: z.record(z.string(), z.string()), cwd: z.string() })
        .parse(JSON.parse(await noted()));
      assert.deepEqual([env.LAKESIDE_TEST_SECRET, env.LAKESIDE_TEST_ALLOWED], [undefined, 'allowed']);
      assert.equal(env.ELECTRON_RUN_AS_NODE, undefined);
      assert.ok(cwd.startsWith(join(folder(), 'data', 'scratch')), cwd);
    } finally {
      delete process.env.LAKESIDE_TEST_SECRET;
      delete process.env.LAKESIDE_TEST_ALLOWED;
    }
  });

  it('takes several images of one start, in the order of their numbers', async () => {
    const { images, run } = await outcome(generatorCommand(['--mode', 'three']));
    assert.deepEqual([run.status, images.map(({ n }) => n)], ['succeeded', [1, 2, 3]]);
  });

  it('takes a prompt of 200 KB from a file', async () => {
    const prompt = 'x'.repeat(200_000);
    const { run } = await outcome(generatorCommand(['--prompt', '{promptFile}']), prompt);
    assert.equal(run.status, 'succeeded', run.error?.message);
  });

  it('says how to pass a prompt that is too long for a word', async function () {
    if (process.platform !== 'linux') this.skip();
    const told = failure(await outcome(generatorCommand(['--prompt', '{prompt}']), 'x'.repeat(200_000)));
    assert.match(told, /COMMAND_NOT_STARTED: .*\{promptFile\}/);
  });

  it('fails with the last lines it wrote, without what would colour a terminal', async () => {
    const told = failure(await outcome(generatorCommand(['--mode', 'fail'])));
    assert.match(told, /^COMMAND_FAILED: .*ended with code 3\. It said: loading the model\nout of memory$/);
  });

  for (const [mode, code] of [
    ['nothing', 'PROVIDER_NONSENSE'],
    ['html', 'NOT_AN_IMAGE'],
    ['truncated', 'IMAGE_TRUNCATED'],
    ['bomb', 'IMAGE_TOO_LARGE'],
  ] as const) {
    it(`fails with ${code} when it leaves ${mode}`, async () => {
      assert.ok(failure(await outcome(generatorCommand(['--mode', mode]))).startsWith(code));
    });
  }

  it('is refused before anything runs when it is not there, or lacks a value', async () => {
    assert.match(
      failure(await outcome({ name: 'gone', argv: ['/no/such/program', '{output}'] })),
      /^COMMAND_NOT_FOUND/,
    );
    const { engine, run } = await begin(generatorCommand(['--style', '{style}', '--log', note()]));
    assert.match(failure(await ended(engine, run)), /^VALUE_MISSING: .*\{style\}/);
    assert.ok(!existsSync(note()));
  });

  it('is ended after its time limit, with all it started', async () => {
    const command = generatorCommand(['--mode', 'hang', '--pid', note()], { timeLimitSeconds: 1 });
    assert.match(failure(await outcome(command)), /^PROVIDER_TIMEOUT: .*after 1 s/);
    await assertGone(await noted());
  });

  it('is ended with all it started when its run is canceled', async () => {
    const { engine, run } = await begin(generatorCommand(['--mode', 'hang', '--pid', note()]));
    const pids = await noted();
    await engine.call('jobs.cancel', { id: run });
    const { run: canceled, job } = await ended(engine, run);
    assert.deepEqual([canceled.status, job.status], ['canceled', 'canceled']);
    await assertGone(pids);
    assert.ok(!existsSync(join(folder(), 'data', 'scratch', run)));
  });

  it('goes on while Lakeside restarts, and is found at work', async () => {
    const log = join(folder(), 'log');
    const command = generatorCommand(['--ms', '1500', '--log', log]);
    const { engine, run } = await begin(command);
    while (!existsSync(log)) await delay(10);
    await engine.close();
    const again = await open(join(folder(), 'data'));
    await setCommands(again, command);
    const { run: found, images } = await ended(again, run);
    assert.deepEqual([found.status, images.length], ['succeeded', 1], found.error?.message);
    assert.equal(readFileSync(log, 'utf8'), '0\n', 'it was started once');
  });

  it('is not run again by itself when nobody knows what came of it', async () => {
    const log = join(folder(), 'log');
    const { engine, run } = await begin(generatorCommand(['--mode', 'hang', '--pid', note(), '--log', log]));
    const [program = 0] = (await noted()).split(' ').map(Number);
    const group = readFileSync(`/proc/${program}/stat`, 'utf8').split(') ')[1]?.split(' ')[2];
    process.kill(-Number(group), 'SIGKILL');
    const { run: failed } = await ended(engine, run);
    assert.equal(failed.error?.code, 'OUTCOME_UNKNOWN', failed.error?.message);
    assert.equal(readFileSync(log, 'utf8'), '0\n');
  });

  it('is refused in a workspace that is not trusted, and waits there when it was queued elsewhere', async () => {
    const engine = await open(join(folder(), 'data'));
    const command = generatorCommand([]);
    await setCommands(engine, command);
    const item = await workItem(engine);
    await engine.call('engine.configure', { settings: commandSettings(command), trusted: false });
    await assert.rejects(
      generate(engine, item, { provider: 'generator' }),
      (error) => error instanceof LakesideError && error.code === 'WORKSPACE_UNTRUSTED',
    );
    const { providers } = await engine.call('providers.list', { check: true });
    assert.deepEqual(
      providers.map(({ name, available, problem }) => [name, available, problem?.code]),
      [
        ['generator', false, 'WORKSPACE_UNTRUSTED'],
        ['draft', true, undefined],
      ],
    );
  });
});

/** Waits until none of these processes is there any more. */
async function assertGone(pids: string): Promise<void> {
  for (const pid of pids.split(' ').map(Number)) {
    for (let look = 0; look < 300 && isThere(pid); look++) await delay(10);
    assert.ok(!isThere(pid), `process ${pid} is still there`);
  }
}

function isThere(pid: number): boolean {
  try {
    // A zombie has ended, too: nobody in a test's container may ask after it.
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}
