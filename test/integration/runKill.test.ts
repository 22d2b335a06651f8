import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';

import { sidecarSchema } from '../../src/studio/runs/sidecar.ts';
import { type CommandResult, endOf, runCommand, startCommand } from '../support/commandLine.ts';
import { generatorCommand } from '../support/commandSettings.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const KILLS = 10;
const COUNT = 6;

const shownRun = z.looseObject({
  run: z.looseObject({
    status: z.string(),
    images: z.array(z.looseObject({ path: z.string(), seed: z.int(), blake3: z.string() })),
  }),
});

describe('generating with a program, killed again and again', () => {
  const folder = temporaryFolder();
  const dataDir = (): string => join(folder(), 'data');
  const log = (): string => join(folder(), 'log');

  const command = (...args: string[]): Promise<CommandResult> => runCommand({ dataDir: dataDir() }, '--json', ...args);

  /** A process that works on the queue, or asks for the run, and is killed after so many ms. */
  async function killedAfter(ms: number, args: readonly string[]): Promise<void> {
    const child = startCommand(dataDir(), args);
    const ended = endOf(child);
    await delay(ms);
    child.kill('SIGKILL');
    await ended;
  }

  it('makes each image once and pays for none twice', async function () {
    this.timeout(120_000);
    mkdirSync(dataDir());
    const settings = {
      'comfyui.servers': [],
      'studio.commands': [generatorCommand(['--ms', '200', '--log', log(), '--seed', '{seed}'])],
    };
    writeFileSync(join(dataDir(), 'lakeside.config.json'), JSON.stringify(settings));
    const asked = ['generate', '--project', 'P', '--item', 'W', '--provider', 'generator', '--seed', '1'];
    // Until the run is in the queue there is nothing to go on with.
    const first = startCommand(dataDir(), [...asked, '--count', String(COUNT)]);
    const ended = endOf(first);
    while (!existsSync(log())) await delay(5);
    first.kill('SIGKILL');
    await ended;
    for (let kill = 0; kill < KILLS; kill++) await killedAfter(400 + Math.random() * 500, ['jobs', 'run']);

    const last = await command('jobs', 'run');
    assert.equal(last.code, 0, last.output + last.errors);
    const { runs } = z
      .object({ runs: z.array(z.looseObject({ id: z.string() })) })
      .parse(JSON.parse((await command('runs')).output));
    assert.equal(runs.length, 1);
    const { run } = shownRun.parse(JSON.parse((await command('runs', 'show', runs[0]?.id ?? '')).output));
    assert.equal(run.status, 'succeeded');
    const seeds = Array.from({ length: COUNT }, (_, index) => index + 1);
    assert.deepEqual(
      run.images.map(({ seed }) => seed),
      seeds,
    );
    assert.deepEqual(
      readFileSync(log(), 'utf8')
        .trim()
        .split('\n')
        .map(Number)
        .sort((a, b) => a - b),
      seeds,
      'the program was started once for each image',
    );
    const there = readdirSync(join(run.images[0]?.path ?? '', '..')).sort();
    assert.equal(there.length, 2 * COUNT, there.join(', '));
    for (const { path, blake3 } of run.images) {
      assert.equal(sidecarSchema.parse(JSON.parse(readFileSync(`${path}.json`, 'utf8'))).image.blake3, blake3);
    }
    assert.deepEqual(readdirSync(join(dataDir(), 'scratch')), []);
  });
});
