import assert from 'node:assert/strict';
import { mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { Engine } from '../../src/engine.ts';
import { runCommand } from '../support/commandLine.ts';
import { engines, OLD_MS, scan } from '../support/engineOn.ts';
import { global, pickle, REDUCE, STOP, text, TUPLE1 } from '../support/models/pickleAssembler.ts';
import { safetensorsFile } from '../support/models/safetensorsBytes.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const LORA = safetensorsFile(
  [
    { name: 'lora_unet_down_blocks_1_attentions_0_proj_in.lora_down.weight', shape: [8, 320] },
    { name: 'lora_unet_down_blocks_1_attentions_0_proj_in.lora_up.weight', shape: [320, 8] },
    { name: 'lora_unet_down_blocks_1_attentions_0_proj_in.alpha', shape: [] },
  ],
  {
    'modelspec.title': 'Paper \u001b[31m theatre',
    'modelspec.architecture': 'stable-diffusion-xl-v1-base/lora',
    ss_tag_frequency: '{"10_papertheatre":{"paper":40,"stage":12}}',
  },
);
const DANGEROUS = pickle(global('os', 'system'), text('echo'), TUPLE1, REDUCE, STOP);

describe('What a model is', () => {
  const folder = temporaryFolder();
  const open = engines();
  const lake = (): string => join(folder(), 'lake');
  let engine: Engine;

  function write(path: string, bytes: Uint8Array | string): void {
    const file = join(lake(), path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
    utimesSync(file, OLD_MS / 1_000, OLD_MS / 1_000);
  }

  beforeEach(async () => {
    write('loras/paper.safetensors', LORA);
    write('embeddings/evil.pt', DANGEROUS);
    write('checkpoints/login.safetensors', '<!doctype html><title>Log in</title>');
    write('checkpoints/half.safetensors', LORA.subarray(0, LORA.length - 100));
    engine = await open(join(folder(), 'data'));
    await engine.call('roots.add', { name: 'lake', path: lake() });
    await scan(engine);
  });

  const show = (path: string) => engine.call('models.show', { root: 'lake', path });

  it('is told by the header of its file, with the hash the index has of it', async () => {
    const unknown = await show('loras/paper.safetensors');
    assert.equal(unknown.blake3, null);
    await scan(engine, { hash: true });
    const { blake3, size, facts, safety, findings, fileKind } = await show('loras/paper.safetensors');
    assert.match(blake3 ?? '', /^[0-9a-f]{64}$/);
    assert.deepEqual([size, fileKind, safety, findings], [LORA.length, 'safetensors', undefined, []]);
    assert.deepEqual(
      [facts?.format, facts?.kind, facts?.rank, facts?.architecture, facts?.tensorCount, facts?.parameters],
      ['safetensors', 'lora', 8, 'sdxl', 3, 2 * 8 * 320 + 1],
    );
    assert.deepEqual(facts?.triggerWords, ['papertheatre']);
    assert.deepEqual(facts.tags[0], { tag: 'paper', count: 40 });
  });

  it('does not take the hash of a file that is another by now', async () => {
    await scan(engine, { hash: true });
    write('loras/paper.safetensors', LORA.subarray(0, LORA.length - 2));
    const { blake3, findings } = await show('loras/paper.safetensors');
    assert.equal(blake3, null);
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['TRUNCATED'],
    );
  });

  it('is judged where loading it runs a program, and is not run', async () => {
    const { safety, facts, fileKind } = await show('embeddings/evil.pt');
    assert.deepEqual([fileKind, facts, safety?.level], ['pickle', undefined, 'dangerous']);
    assert.equal(safety?.callables[0]?.name, 'os.system');
  });

  it('is found out where its name says something else', async () => {
    const { fileKind, findings, facts } = await show('checkpoints/login.safetensors');
    assert.deepEqual([fileKind, facts], ['html', undefined]);
    assert.equal(findings[0]?.code, 'WRONG_EXTENSION');
  });

  it('is refused where there is no file of the root, with its name', async () => {
    const noFile = { code: 'FILE_NOT_FOUND', message: /no file .* in Lake.* or scan/ };
    for (const path of ['loras', '../data/lakeside.db', '/etc/hostname', 'loras/../loras/paper.safetensors']) {
      await assert.rejects(show(path), noFile, path);
    }
    await assert.rejects(show('loras/none.safetensors'), /none\.safetensors/);
    rmSync(join(lake(), 'embeddings/evil.pt'));
    await assert.rejects(show('embeddings/evil.pt'), noFile);
    if (process.platform === 'win32') return;
    symlinkSync(join(folder(), 'data'), join(lake(), 'way'));
    symlinkSync(join(lake(), 'loras/paper.safetensors'), join(lake(), 'link.safetensors'));
    for (const path of ['way/lakeside.db', 'link.safetensors']) await assert.rejects(show(path), path);
  });

  describe('on the command line', () => {
    const run = (...args: string[]): ReturnType<typeof runCommand> =>
      runCommand({ dataDir: join(folder(), 'data'), workingDir: lake() }, 'model', 'show', ...args);

    it('is printed for a person, without what a terminal would obey', async () => {
      const { code, output } = await run('loras/paper.safetensors');
      assert.equal(code, 0);
      assert.match(output, /^File +loras\/paper\.safetensors in lake\n/);
      assert.match(output, /^Kind +LoRA, rank 8\nBase model +SDXL/m);
      assert.match(output, /^Trigger words +papertheatre\nTags +paper \(40\), stage \(12\)\n/m);
      assert.ok(!output.includes('\u001b'));
    });

    it('says what is dangerous, and what is wrong', async () => {
      assert.match((await run('embeddings/evil.pt')).output, /^Safety +dangerous\. .*os\.system/m);
      assert.match((await run('checkpoints/half.safetensors')).output, /^Finding +.*\(TRUNCATED\)$/m);
    });

    it('is a document with --json, by its path in a root', async () => {
      const { code, output } = await run('--json', '--root', 'lake', 'loras/paper.safetensors');
      assert.equal(code, 0);
      assert.equal((JSON.parse(output) as { facts: { kind: string } }).facts.kind, 'lora');
    });

    it('names a path that lies in no root', async () => {
      const { code, errors } = await run('../elsewhere.safetensors');
      assert.equal(code, 2);
      assert.match(errors, /elsewhere\.safetensors lies in none of the roots/);
    });
  });
});
