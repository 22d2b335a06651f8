import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

import { errorDocument } from '../support/cliSchemas.ts';
import { type CommandResult, documentOf, runCommand } from '../support/commandLine.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const imageDocument = z.strictObject({
  path: z.string(),
  width: z.int(),
  height: z.int(),
  blake3: z.string().regex(/^[0-9a-f]{64}$/),
  seed: z.int(),
});
const runDocument = z.strictObject({
  run: z.strictObject({
    ...{ id: z.string(), status: z.string(), project: z.string(), item: z.string(), provider: z.string() },
    images: z.array(imageDocument),
  }),
  ms: z.number(),
});
const runsDocument = z.strictObject({ runs: z.array(z.looseObject({ id: z.string(), status: z.string() })) });
const judgedDocument = z.strictObject({
  images: z.array(z.strictObject({ id: z.string(), path: z.string(), rating: z.int(), pick: z.string() })),
});

/** A port of this machine where nobody listens. */
const NOBODY = 'http://127.0.0.1:9';

describe('lakeside generate', () => {
  const folder = temporaryFolder();
  const run = (...args: string[]): Promise<CommandResult> =>
    runCommand({ dataDir: folder(), environment: { COMFYUI_URL: NOBODY } }, '--json', ...args);

  async function made(...args: string[]): Promise<z.infer<typeof runDocument>['run']> {
    const command = ['generate', '--project', 'Summer menu', '--item', 'Poster', '--provider', 'draft'];
    const result = await run(...command, '--set', 'width=64', '--set', 'height=64', ...args);
    assert.equal(result.code, 0, result.output + result.errors);
    return documentOf(result, runDocument).run;
  }

  it('makes project and item where they are absent, and the images', async () => {
    const first = await made('--prompt', 'a lake', '--count', '2', '--seed', '40');
    assert.deepEqual([first.status, first.project, first.item], ['succeeded', 'summer-menu', 'poster']);
    assert.deepEqual(
      first.images.map(({ seed, width }) => [seed, width]),
      [
        [40, 64],
        [41, 64],
      ],
    );
    for (const { path } of first.images) assert.ok(existsSync(path) && existsSync(`${path}.json`));
    const second = await made();
    assert.deepEqual([second.project, second.item], ['summer-menu', 'poster']);
    const { runs } = documentOf(await run('runs', '--project', 'summer-menu', '--item', 'Poster'), runsDocument);
    assert.deepEqual(
      runs.map(({ id }) => id),
      [second.id, first.id],
    );
  });

  it('picks, rejects and rates what was made, by file and by id', async () => {
    const { images } = await made('--count', '2');
    const [first, second] = images.map(({ path }) => path);
    const picked = documentOf(await run('pick', first ?? '', '--rating', '5'), judgedDocument);
    assert.deepEqual(
      picked.images.map(({ rating, pick }) => [rating, pick]),
      [[5, 'none']],
    );
    const both = documentOf(await run('pick', picked.images[0]?.id ?? '', second ?? ''), judgedDocument);
    assert.deepEqual(
      both.images.map(({ rating, pick }) => [rating, pick]),
      [
        [5, 'picked'],
        [0, 'picked'],
      ],
    );
    assert.equal((await run('pick', join(folder(), 'nothing.png'))).code, 2);
  });

  it('takes no draft where nobody asked for one, and says why there is no image', async () => {
    const result = await run('generate', '--project', 'P', '--item', 'W', '--prompt', 'a lake');
    assert.equal(result.code, 3, result.output);
    const { error } = documentOf(result, errorDocument);
    assert.equal(error.code, 'PROVIDER_AWAY');
    assert.match(error.message, /127\.0\.0\.1:9.*draft/);
    assert.deepEqual(documentOf(await run('runs'), runsDocument).runs, []);
  });

  it('refuses options that mean nothing', async () => {
    for (const args of [
      ['--set', 'steps'],
      ['--count', 'many'],
      ['--count', '0'],
      ['--seed', '-1'],
    ]) {
      const result = await run('generate', '--project', 'P', '--item', 'W', '--provider', 'draft', ...args);
      assert.equal(result.code, 2, args.join(' '));
    }
    assert.equal(
      (await run('generate', '--project', '../..', '--item', 'W', '--provider', 'draft', '--set', 'width=64')).code,
      0,
    );
    const { runs } = documentOf(await run('runs'), runsDocument);
    assert.equal(runs.length, 1);
    assert.ok(!existsSync(join(folder(), '..', 'w')));
  });
});
