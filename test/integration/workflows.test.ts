import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { LakesideError } from '../../src/base/errors.ts';
import { BUILT_IN_WORKFLOWS } from '../../src/studio/workflows/builtIn.ts';
import { pythonJson } from '../support/comfyuiRuns.ts';
import { comfyuiServers } from '../support/comfyuiWorld.ts';
import { engines } from '../support/engineOn.ts';
import { picturePng } from '../support/pngBytes.ts';
import { ended, generate, workItem } from '../support/studioOn.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

function refusedWith(code: string): (error: unknown) => boolean {
  return (error) => error instanceof LakesideError && error.code === code;
}

describe('workflows', () => {
  const open = engines();
  const server = comfyuiServers();
  const folder = temporaryFolder();
  const graph = BUILT_IN_WORKFLOWS[1]?.graph ?? {};

  function put(name: string, content: string | Buffer): string {
    const path = join(folder(), name);
    writeFileSync(path, content);
    return path;
  }

  it('come with Lakeside, those imported after them', async () => {
    const engine = await open(folder());
    await engine.call('workflows.import', { path: put('Zoo.json', JSON.stringify(graph)) });
    await engine.call('workflows.import', { path: put('ape.json', JSON.stringify({ ...graph, '99': graph['7'] })) });
    const { workflows } = await engine.call('workflows.list', {});
    assert.deepEqual(
      workflows.map(({ name, builtIn }) => [name, builtIn]),
      [
        ['Text to image (SD 1.5)', true],
        ['Text to image (SDXL)', true],
        ['Image to image', true],
        ['ape', false],
        ['Zoo', false],
      ],
    );
  });

  it('are the same when the same graph comes again, from a file or an image, also out of the archive', async () => {
    const engine = await open(folder());
    const { workflow } = await engine.call('workflows.import', { path: put('mine.json', JSON.stringify(graph)) });
    const png = picturePng({ width: 8, height: 8, text: { prompt: pythonJson(graph) } });
    await engine.call('workflows.update', { id: workflow.id, archived: true });
    assert.equal((await engine.call('workflows.list', {})).workflows.length, 3);
    const again = await engine.call('workflows.import', { path: put('other.png', png), name: 'Other' });
    assert.deepEqual(again.workflow, workflow);
    assert.equal((await engine.call('workflows.list', {})).workflows.length, 4);
    const { audits } = await engine.call('audits.list', { subject: 'workflow', id: workflow.id });
    assert.deepEqual(
      audits.map(({ action }) => action),
      ['workflow.update', 'workflow.update', 'workflow.add'],
    );
  });

  it('of one name are told apart', async () => {
    const engine = await open(folder());
    const names = [];
    for (const extra of ['a', 'b', 'c']) {
      const path = put('Image to Image.json', JSON.stringify({ ...graph, [extra]: graph['7'] }));
      names.push((await engine.call('workflows.import', { path })).workflow.name);
    }
    assert.deepEqual(names, ['Image to Image 2', 'Image to Image 3', 'Image to Image 4']);
  });

  it('are corrected by the person, those that come with Lakeside as copies', async () => {
    const engine = await open(folder());
    const { workflow, inputs } = await engine.call('workflows.get', { id: 'sdxl-text-to-image' });
    assert.ok(inputs.some(({ node, input }) => node === '7' && input === 'filename_prefix'));
    const bindings = workflow.bindings.filter(({ name }) => name !== 'cfg');
    const { workflow: copy } = await engine.call('workflows.bind', { id: workflow.id, bindings });
    assert.deepEqual([copy.builtIn, copy.name], [false, 'Text to image (SDXL) 2']);
    assert.deepEqual((await engine.call('workflows.get', { id: copy.id })).workflow.bindings, bindings);
    assert.ok((await engine.call('workflows.get', { id: workflow.id })).workflow.bindings.length > bindings.length);
    await assert.rejects(
      async () =>
        engine.call('workflows.bind', {
          id: copy.id,
          bindings: [{ name: 'x', node: '7', input: 'images', type: 'text' }],
        }),
      refusedWith('WORKFLOW_BINDING'),
    );
  });

  it('are renamed, but not to a name that is taken, and not where they come with Lakeside', async () => {
    const engine = await open(folder());
    const { workflow } = await engine.call('workflows.import', { path: put('mine.json', JSON.stringify(graph)) });
    const renamed = await engine.call('workflows.update', { id: workflow.id, name: 'Better' });
    assert.equal(renamed.workflow.name, 'Better');
    await assert.rejects(
      engine.call('workflows.update', { id: workflow.id, name: 'IMAGE TO IMAGE' }),
      refusedWith('WORKFLOW_NAME_TAKEN'),
    );
    await assert.rejects(
      engine.call('workflows.update', { id: 'image-to-image', name: 'Mine' }),
      refusedWith('WORKFLOW_BUILT_IN'),
    );
    await assert.rejects(engine.call('workflows.get', { id: 'nothing' }), refusedWith('WORKFLOW_UNKNOWN'));
  });

  it('that make no image, are of the editor, or are not there are refused', async () => {
    const engine = await open(folder());
    const imported = (path: string): Promise<unknown> => engine.call('workflows.import', { path });
    const silent = put('silent.json', JSON.stringify({ '1': graph['1'] }));
    await assert.rejects(imported(silent), refusedWith('WORKFLOW_NO_OUTPUT'));
    await assert.rejects(imported(put('ui.json', '{"nodes":[],"links":[]}')), refusedWith('WORKFLOW_UI_FORMAT'));
    await assert.rejects(imported(join(folder(), 'gone.json')), refusedWith('ENOENT'));
    await assert.rejects(imported(folder()), refusedWith('EISDIR'));
  });

  it('are bound by what a server says of nodes that nobody else knows', async () => {
    const comfyui = await server({
      nodes: {
        LoadPhoto: {
          input: { required: { file: [['a.png'], { image_upload: true }] } },
          ...{ output: ['IMAGE'], name: 'LoadPhoto', display_name: 'Load photo', category: '', output_node: false },
        },
      },
    });
    const engine = await open(folder());
    await engine.call('engine.configure', { settings: { 'comfyui.servers': [{ name: 'box', url: comfyui.url }] } });
    const own = {
      '1': { class_type: 'LoadPhoto', inputs: { file: 'a.png' } },
      '2': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'x' } },
    };
    const { workflow } = await engine.call('workflows.import', { path: put('own.json', JSON.stringify(own)) });
    assert.deepEqual(workflow.bindings, [{ name: 'image', node: '1', input: 'file', type: 'image' }]);
  });

  it('have fields with the choices that the server has now, and run with what is set', async () => {
    const comfyui = await server({ models: { checkpoints: ['mine.safetensors'] } });
    const engine = await open(folder());
    await engine.call('engine.configure', {
      settings: { 'comfyui.servers': [{ name: 'box', url: comfyui.url }] },
    });
    const { workflow } = await engine.call('workflows.import', { path: put('mine.json', JSON.stringify(graph)) });
    const { fields, problems } = await engine.call('workflows.fields', { provider: 'comfyui', workflow: workflow.id });
    assert.deepEqual(problems, []);
    assert.deepEqual(fields.find(({ name }) => name === 'model')?.choices, ['mine.safetensors']);
    const values = { model: 'mine.safetensors', width: 64, height: 64, steps: 2 };
    const run = await generate(engine, await workItem(engine), { provider: 'comfyui', workflow: workflow.id, values });
    const { run: made, images } = await ended(engine, run);
    assert.deepEqual([made.status, images.length], ['succeeded', 1], made.error?.message);
    await comfyui.stop();
    const away = await engine.call('workflows.fields', { provider: 'comfyui', workflow: workflow.id });
    assert.deepEqual([away.fields.length, away.problems[0]?.code], [fields.length, 'PROVIDER_AWAY']);
  });
});
