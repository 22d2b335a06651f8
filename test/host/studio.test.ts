import assert from 'node:assert/strict';
import * as vscode from 'vscode';

import type { TestApi } from '../../src/extension.ts';
import type { Run, RunImage } from '../../src/protocol/studioValues.ts';

/** Something VS Code does a moment after it was asked to. */
async function eventually<T>(look: () => T | undefined): Promise<T> {
  for (let tries = 0; tries < 200; tries++) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('It did not happen within 10 s.');
}

function openPanel(viewType: string): vscode.Tab | undefined {
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .find(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith(viewType));
}

describe('the studio in VS Code', () => {
  let api: TestApi;
  let run: Run;
  let images: readonly RunImage[];

  before(async () => {
    const activated = await vscode.extensions.getExtension<TestApi | undefined>('lakeside.lakeside')?.activate();
    assert.ok(activated);
    api = activated;
    const { call } = api.engine;
    const { item } = await call('items.ensure', { project: 'Host tests', item: 'Poster' });
    const made = await call('runs.generate', {
      item: item.id,
      generation: { provider: 'draft', prompt: 'a lighthouse', seed: 7, count: 2 },
    });
    await call('jobs.wait', { ids: [made.job] });
    ({ run, images } = await call('runs.get', { id: made.run }));
    assert.equal(run.status, 'succeeded', JSON.stringify(run.error));
  });

  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('shows what an image says about how it was made, as a text that cannot be changed', async () => {
    const [image] = images;
    assert.ok(image);
    await vscode.commands.executeCommand('lakeside.showGenerationData', vscode.Uri.file(image.path));
    const editor = await eventually(() => vscode.window.activeTextEditor);
    assert.equal(editor.document.uri.scheme, 'lakeside-data');
    assert.match(editor.document.getText(), /^# .*\.png\n\nMade with {2}Lakeside\n/);
    assert.match(editor.document.getText(), /a lighthouse/);
  });

  it('opens the gallery once, whatever it shows, and the overview once', async () => {
    await vscode.commands.executeCommand('lakeside.openGallery');
    await eventually(() => openPanel('lakeside.gallery'));
    await vscode.commands.executeCommand('lakeside.openGallery');
    await vscode.commands.executeCommand('lakeside.openOverview');
    await vscode.commands.executeCommand('lakeside.openOverview');
    await eventually(() => openPanel('lakeside.overview'));
    const types = vscode.window.tabGroups.all
      .flatMap(({ tabs }) => tabs)
      .map(({ input }) => (input instanceof vscode.TabInputWebview ? input.viewType : ''))
      .filter((type) => /lakeside\.(gallery|overview)$/.test(type));
    assert.equal(types.length, 2, types.join());
  });

  it('names the gallery after what it shows', async () => {
    await eventually(() =>
      openPanel('lakeside.gallery')?.label.startsWith('Image gallery') === true ? true : undefined,
    );
  });
});
