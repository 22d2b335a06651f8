import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { LakesideError } from '../../src/base/errors.ts';
import { sidecarSchema } from '../../src/studio/runs/sidecar.ts';
import { engines } from '../support/engineOn.ts';
import { ended, generate, workItem } from '../support/studioOn.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

function refusedWith(code: string): (error: unknown) => boolean {
  return (error) => error instanceof LakesideError && error.code === code;
}

describe('a run', () => {
  const open = engines();
  const folder = temporaryFolder();

  it('makes its images where the layout says, each with its sidecar, and rows that tell of them', async () => {
    const engine = await open(folder());
    const item = await workItem(engine);
    const id = await generate(engine, item, { prompt: 'a lake', count: 3, seed: 7 });
    const { run, snapshot, images, job } = await ended(engine, id);
    assert.deepEqual(
      [job.status, run.status, run.images, run.unpicked],
      ['succeeded', 'succeeded', 3, 3],
      job.error?.message,
    );
    assert.deepEqual(job.result, { run: id, images: 3 });
    assert.equal(snapshot.folder, join(folder(), 'images', 'summer-menu', 'poster', `run-${id}`));
    assert.deepEqual(readdirSync(snapshot.folder).sort(), [
      ...['image-1-1.png', 'image-1-1.png.json', 'image-2-1.png'],
      ...['image-2-1.png.json', 'image-3-1.png', 'image-3-1.png.json'],
    ]);
    assert.deepEqual(
      images.map(({ seed, path }) => [seed, basename(path)]),
      [
        [7, 'image-1-1.png'],
        [8, 'image-2-1.png'],
        [9, 'image-3-1.png'],
      ],
    );
    for (const image of images) {
      const sidecar = sidecarSchema.parse(JSON.parse(readFileSync(`${image.path}.json`, 'utf8')));
      assert.deepEqual([sidecar.image.id, sidecar.image.blake3], [image.id, image.blake3]);
      assert.deepEqual(sidecar.snapshot, snapshot);
      assert.deepEqual([image.width, image.height, image.mime], [64, 64, 'image/png']);
    }
    assert.ok(!existsSync(join(folder(), 'scratch', id)), 'nothing is left in the scratch folder');
    assert.ok(!existsSync(join(folder(), 'previews', id)));
  });

  it('makes the same image of the same seed and prompt, and another of another seed', async () => {
    const engine = await open(folder());
    const item = await workItem(engine);
    const hashes = [];
    for (const seed of [1, 1, 2]) {
      hashes.push((await ended(engine, await generate(engine, item, { prompt: 'a lake', seed }))).images[0]?.blake3);
    }
    assert.equal(hashes[0], hashes[1]);
    assert.notEqual(hashes[0], hashes[2]);
  });

  it('keeps the merged instructions and the seed that was drawn', async () => {
    const engine = await open(folder());
    const item = await workItem(engine);
    await engine.call('instructions.set', { scope: 'item', id: item, text: 'in soft light\nnegative: text' });
    const { snapshot } = await ended(engine, await generate(engine, item, { prompt: 'a lake' }));
    assert.match(snapshot.merged.prompt, /a lake.*soft light/s);
    assert.equal(snapshot.merged.negative, 'text');
    assert.ok(Number.isInteger(snapshot.generation.seed));
  });

  it('is listed as it waits and as it ended, newest first, with who made it', async () => {
    const engine = await open(folder());
    const item = await workItem(engine);
    const first = await generate(engine, item);
    await ended(engine, first);
    const second = await generate(engine, item);
    const { runs } = await engine.call('runs.list', { item });
    assert.deepEqual(
      runs.map(({ id }) => id),
      [second, first],
    );
    await ended(engine, second);
    const [
      {
        users: [user],
      },
      { runs: after },
    ] = await Promise.all([engine.call('users.list', {}), engine.call('runs.list', { states: ['succeeded'] })]);
    assert.deepEqual(
      after.map(({ createdBy }) => createdBy),
      [user?.name, user?.name],
    );
    assert.deepEqual((await engine.call('runs.list', { states: ['queued', 'running', 'failed'] })).runs, []);
  });

  it('is refused where its provider is not known, and where its item is archived', async () => {
    const engine = await open(folder());
    const item = await workItem(engine);
    await assert.rejects(generate(engine, item, { provider: 'nobody' }), refusedWith('PROVIDER_UNKNOWN'));
    await engine.call('items.update', { id: item, archived: true });
    await assert.rejects(generate(engine, item), refusedWith('ITEM_ARCHIVED'));
  });

  it('fails with the reason in the job and in the run, and is retried', async () => {
    const engine = await open(folder());
    const item = await workItem(engine);
    const { run, job } = await ended(engine, await generate(engine, item, { values: { width: 3 } }));
    assert.deepEqual([job.status, run.status], ['failed', 'failed']);
    assert.deepEqual([job.error?.code, run.error?.code], ['VALUE_INVALID', 'VALUE_INVALID']);
    await engine.call('jobs.retry', { id: run.job });
    const again = await ended(engine, run.id);
    assert.equal(again.job.attempts, 1, 'attempts are counted anew');
    assert.equal(again.run.error?.code, 'VALUE_INVALID');
  });

  it('takes a prompt of 100 KB', async () => {
    const engine = await open(folder());
    const prompt = 'a lake, '.repeat(12_800);
    const { run, snapshot, job } = await ended(engine, await generate(engine, await workItem(engine), { prompt }));
    assert.equal(job.status, 'succeeded', job.error?.message);
    assert.equal(snapshot.generation.prompt, prompt);
    assert.equal(run.prompt.length, 2_000, 'a list holds its beginning');
  });

  it('is told how to be made again, whole or as one of its images', async () => {
    const engine = await open(folder());
    const item = await workItem(engine);
    const id = await generate(engine, item, { prompt: 'a lake', seed: 5, count: 2 });
    const { images, snapshot } = await ended(engine, id);
    assert.deepEqual(await engine.call('runs.again', { run: id }), { item, generation: snapshot.generation });
    const again = await engine.call('runs.again', { image: images[1]?.id ?? '' });
    assert.deepEqual([again.generation.seed, again.generation.count], [6, 1]);
  });

  it('is audited with who asked for it', async () => {
    const engine = await open(folder());
    const id = await generate(engine, await workItem(engine), { prompt: 'a lake' });
    const { audits } = await engine.call('audits.list', { subject: 'run', id });
    assert.deepEqual(
      audits.map(({ action }) => action),
      ['run.add'],
    );
  });

  it('stores where its project says', async () => {
    const engine = await open(folder());
    const item = await workItem(engine);
    const { projects } = await engine.call('projects.list', {});
    const path = join(folder(), 'elsewhere');
    await engine.call('projects.update', { id: projects[0]?.id ?? '', storage: { kind: 'folder', path } });
    const { images } = await ended(engine, await generate(engine, item));
    assert.equal(dirname(dirname(dirname(images[0]?.path ?? ''))), join(path, 'summer-menu'));
  });
});
