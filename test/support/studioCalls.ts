import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { UseCaseInput, UseCaseName, UseCaseOutput } from '../../src/protocol/useCases.ts';

type Call = <K extends UseCaseName>(name: K, input: UseCaseInput<K>) => Promise<UseCaseOutput<K>>;

const GRAPH = {
  1: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'a.safetensors' } },
  2: { class_type: 'CLIPTextEncode', inputs: { text: 'a lake', clip: ['1', 1] } },
  3: { class_type: 'CLIPTextEncode', inputs: { text: 'blurry', clip: ['1', 1] } },
  4: { class_type: 'EmptyLatentImage', inputs: { width: 512, height: 512, batch_size: 1 } },
  5: {
    class_type: 'KSampler',
    inputs: {
      ...{ model: ['1', 0], positive: ['2', 0], negative: ['3', 0], latent_image: ['4', 0], seed: 1, steps: 20 },
      ...{ cfg: 7, sampler_name: 'euler', scheduler: 'normal', denoise: 1 },
    },
  },
  6: { class_type: 'VAEDecode', inputs: { samples: ['5', 0], vae: ['1', 2] } },
  7: { class_type: 'SaveImage', inputs: { images: ['6', 0], filename_prefix: 'a' } },
};

/** Calls every use case of the studio, from a brand to a converted image, in a folder for its files. */
export async function callStudio(call: Call, folder: string): Promise<void> {
  const { user } = await call('users.add', { name: 'Mira' });
  const [first] = (await call('users.list', {})).users.filter(({ current }) => current);
  assert.ok(first !== undefined);
  await call('users.switch', { id: user.id });
  await call('users.switch', { id: first.id });
  assert.ok((await call('users.update', { id: user.id, archived: true })).user.archived);

  const { brand } = await call('brands.add', { name: 'Lakeside café', voice: 'warm light' });
  await call('brands.update', { id: brand.id, name: 'Lakeside Café' });
  assert.ok((await call('brands.list', {})).brands.some(({ id }) => id === brand.id));
  const { project } = await call('projects.add', { name: 'Summer menu', brand: brand.id });
  await call('projects.update', { id: project.id, currency: 'EUR' });
  assert.equal((await call('projects.list', { brand: brand.id })).projects[0]?.currency, 'EUR');
  const { item } = await call('items.add', { name: 'Poster', project: project.id, brief: 'A jug of lemonade' });
  assert.equal((await call('items.ensure', { project: project.slug, item: 'poster' })).item.id, item.id);
  await call('items.update', { id: item.id, draft: { prompt: 'lemonade' } });
  assert.equal((await call('items.get', { id: item.id })).item.draft.prompt, 'lemonade');
  assert.equal((await call('items.list', { project: project.id })).items.length, 1);
  await call('instructions.set', { scope: 'item', id: item.id, text: 'negative: text' });
  assert.equal((await call('instructions.get', { item: item.id })).instructions.length, 4);
  assert.equal((await call('instructions.merge', { item: item.id, prompt: 'a' })).negative, 'text');
  assert.ok((await call('audits.list', { subject: 'item', id: item.id })).audits.length > 0);

  const file = path.join(folder, 'workflow.json');
  await writeFile(file, JSON.stringify(GRAPH));
  const { workflow } = await call('workflows.import', { path: file, name: 'Ours' });
  const { inputs } = await call('workflows.get', { id: workflow.id });
  assert.ok(inputs.length > 0);
  await call('workflows.bind', { id: workflow.id, bindings: workflow.bindings });
  await call('workflows.update', { id: workflow.id, name: 'Ours, bound' });
  assert.ok((await call('workflows.list', {})).workflows.length > 1);
  assert.ok((await call('workflows.fields', { provider: 'draft' })).fields.length > 0);
  assert.ok((await call('providers.list', {})).providers.some(({ kind }) => kind === 'draft'));

  const generation = { provider: 'draft', prompt: 'lemonade', count: 2, values: { width: 64, height: 64 } };
  const { run, job } = await call('runs.generate', { item: item.id, generation });
  const { over, jobs } = await call('jobs.wait', { ids: [job] });
  assert.ok(over);
  assert.equal(jobs[0]?.status, 'succeeded', JSON.stringify(jobs[0]?.error));
  const { images } = await call('runs.get', { id: run });
  const [image] = images;
  assert.ok(image !== undefined && images.length === 2);
  assert.equal((await call('runs.list', { item: item.id })).runs.length, 1);
  assert.equal((await call('runs.again', { image: image.id })).generation.seed, image.seed);
  assert.equal((await call('images.page', { project: project.id })).total, 2);
  await call('images.judge', { images: [image.id], rating: 4, pick: 'picked' });
  assert.equal((await call('images.scope', { run })).picked, 1);
  assert.equal((await call('images.get', { id: image.id })).image.rating, 4);
  const { thumbnails } = await call('images.thumbnails', { images: [image.id] });
  assert.equal(thumbnails[0]?.error, undefined);
  assert.equal((await call('images.read', { path: image.path })).data.source, 'lakeside');
  const converted = await call('images.convert', { files: [image.path], to: 'webp', out: folder });
  assert.deepEqual(
    converted.files.map(({ status }) => status),
    ['done'],
  );
  assert.ok((await call('overview.get', {})).counts.images >= 2);
}
