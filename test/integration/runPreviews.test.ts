import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { createEngine } from '../../src/engine.ts';
import { RunPreviews } from '../../src/studio/runs/runPreviews.ts';
import { generatorCommand, setCommands } from '../support/commandSettings.ts';
import { ManualClock } from '../support/manualClock.ts';
import { generate, workItem } from '../support/studioOn.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

describe('previews of a run', () => {
  const folder = temporaryFolder();

  it('are files under names of their own, each in the place of the one before, and go with the run', async () => {
    const clock = new ManualClock();
    const told: string[] = [];
    const previews = new RunPreviews({
      folder: join(folder(), 'run'),
      clock,
      onPreview: ({ part, path }) => told.push(`${part} ${readFileSync(path, 'utf8')}`),
    });
    const show = async (part: number, text: string): Promise<void> => {
      const before = told.length;
      previews.show(part, { mime: 'image/jpeg', bytes: Buffer.from(text) });
      while (told.length === before) await delay(2);
    };
    await show(1, 'noise');
    // Too soon after the one before.
    previews.show(1, { mime: 'image/jpeg', bytes: Buffer.from('lost') });
    await clock.advance(200);
    await delay(20);
    await show(1, 'shape');
    assert.deepEqual(told, ['1 noise', '1 shape']);
    await previews.close();
    assert.ok(existsSync(join(folder(), 'run')), 'a page may still load them');
    await clock.advance(5_000);
    while (existsSync(join(folder(), 'run'))) await delay(2);
    assert.ok(!existsSync(join(folder(), 'run')));
    previews.show(1, { mime: 'image/jpeg', bytes: Buffer.from('late') });
    assert.deepEqual(readdirSync(folder()), []);
  });
});

describe('an engine that has not been told its settings', () => {
  const folder = temporaryFolder();

  it('makes no images: it would look for its work in the wrong place', async () => {
    const options = { dataDir: folder(), version: '0', watch: false };
    const asking = await createEngine({ ...options, runQueue: false });
    const command = generatorCommand([]);
    await setCommands(asking, command);
    const run = await generate(asking, await workItem(asking), { provider: 'generator', values: {} });
    await asking.close();
    const engine = await createEngine({ ...options, runQueue: true, awaitsSettings: true });
    try {
      await delay(300);
      assert.equal((await engine.call('runs.get', { id: run })).run.status, 'queued');
      await setCommands(engine, command);
      const { jobs } = await engine.call('jobs.wait', { ids: [run] });
      assert.equal(jobs[0]?.status, 'succeeded', jobs[0]?.error?.message);
    } finally {
      await engine.close();
    }
  });
});
