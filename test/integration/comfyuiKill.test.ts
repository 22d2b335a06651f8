import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';

import { type CommandResult, endOf, runCommand, startCommand } from '../support/commandLine.ts';
import { comfyuiServers } from '../support/comfyuiWorld.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const KILLS = 8;
const COUNT = 6;

const shownRuns = z.object({ runs: z.array(z.looseObject({ id: z.string() })) });
const shownRun = z.looseObject({
  run: z.looseObject({ status: z.string(), images: z.array(z.looseObject({ seed: z.int() })) }),
});

describe('generating on ComfyUI, killed again and again', () => {
  const server = comfyuiServers();
  const folder = temporaryFolder();
  const dataDir = (): string => join(folder(), 'data');
  const command = (...args: string[]): Promise<CommandResult> => runCommand({ dataDir: dataDir() }, '--json', ...args);

  it('sends each prompt once', async function () {
    this.timeout(120_000);
    const comfyui = await server({ pace: 60 });
    mkdirSync(dataDir());
    const settings = { 'comfyui.servers': [{ name: 'box', url: comfyui.url, maxConcurrent: 2 }] };
    writeFileSync(join(dataDir(), 'lakeside.config.json'), JSON.stringify(settings));
    const asked = ['--project', 'P', '--item', 'W', '--provider', 'comfyui', '--prompt', 'a lake', '--seed', '1'];
    const values = ['width=64', 'height=64', 'steps=6'].flatMap((value) => ['--set', value]);
    // Until the run is in the queue there is nothing to go on with.
    const first = startCommand(dataDir(), ['generate', ...asked, ...values, '--count', String(COUNT)]);
    const firstEnded = endOf(first);
    while (comfyui.accepted.length === 0) await delay(5);
    first.kill('SIGKILL');
    await firstEnded;
    for (let kill = 0; kill < KILLS; kill++) {
      const child = startCommand(dataDir(), ['jobs', 'run']);
      const ended = endOf(child);
      await delay(400 + Math.random() * 500);
      child.kill('SIGKILL');
      await ended;
    }
    const last = await command('jobs', 'run');
    assert.equal(last.code, 0, last.output + last.errors);
    const { runs } = shownRuns.parse(JSON.parse((await command('runs')).output));
    const { run } = shownRun.parse(JSON.parse((await command('runs', 'show', runs[0]?.id ?? '')).output));
    assert.equal(run.status, 'succeeded');
    const seeds = Array.from({ length: COUNT }, (_, index) => index + 1);
    assert.deepEqual(
      run.images.map(({ seed }) => seed),
      seeds,
    );
    const sent = comfyui.accepted.map((id) => comfyui.graph(id)?.['5']?.inputs.seed);
    assert.deepEqual(
      sent.sort((a, b) => Number(a) - Number(b)),
      seeds,
    );
  });
});
