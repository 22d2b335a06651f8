import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Locator } from 'playwright-core';

import { Cleanup } from '../support/cleanup.ts';
import { type ComfyuiServer, startComfyuiServer } from '../support/comfyuiServer.ts';
import { projectDir } from '../support/projectDir.ts';
import { startVscodeServer, type VscodeServer } from '../support/vscodeServer.ts';
import { openWorkbench, type Workbench } from '../support/workbench.ts';

/** Each test goes on where the one before it ended, as a person does; the first failure ends the suite. */
describe('a person who makes images in VS Code', function () {
  this.bail(true);
  // A step opens a window, and may do so on a loaded machine.
  this.timeout(60_000);
  const cleanup = new Cleanup();
  let folder: string;
  let comfyui: ComfyuiServer;
  let server: VscodeServer;
  let workbench: Workbench;

  before(async () => {
    folder = await cleanup.folder('lakeside-studio-job-');
    await mkdir(path.join(folder, 'workspace'));
    comfyui = await cleanup.own(startComfyuiServer({ pace: 5 }));
    await openVscode();
  });

  after(async () => {
    await closeVscode();
    await cleanup.run();
  });

  async function openVscode(): Promise<void> {
    const paint = path.join(projectDir, 'test', 'support', 'paintCommand.mjs');
    server = await startVscodeServer({
      profileDir: path.join(folder, 'profile'),
      settings: {
        'lakeside.dataDir': path.join(folder, 'data'),
        'lakeside.comfyui.servers': [{ name: 'test', url: comfyui.url }],
        'lakeside.studio.commands': [
          { name: 'painter', argv: [process.execPath, paint, '{prompt}', '{seed}', '{output}'] },
        ],
      },
    });
    const workspace = path.join(folder, 'workspace');
    workbench = await openWorkbench(server.workbenchUrl({ folder: workspace, extensionDevelopmentPath: projectDir }));
  }

  async function closeVscode(): Promise<void> {
    await workbench.close();
    await server.stop();
  }

  const row = (text: string | RegExp): Locator =>
    workbench.page.locator('.monaco-list-row[role=treeitem]', { hasText: text });
  const images = (): string[] => globSync('data/images/**/*.png', { cwd: folder }).sort();

  async function answer(title: string, text: string): Promise<void> {
    const widget = workbench.page.locator('.quick-input-widget', { hasText: title });
    await widget.waitFor();
    await widget.locator('input').first().fill(text);
    await workbench.page.keyboard.press('Enter');
  }

  async function generateWith(provider: string, prompt: string): Promise<void> {
    const panel = workbench.webview();
    await panel.locator('select#provider').selectOption(provider);
    await panel.locator('textarea#prompt').fill(prompt);
    await panel.locator('#generate').click();
  }

  it('makes a brand, a project and a work item in one go', async () => {
    await workbench.openView('Lakeside');
    await workbench.runCommand('Lakeside: New work item');
    await answer('New brand', 'Harbour Café');
    await answer('New project', 'Summer menu');
    await answer('New work item', 'Poster');
    await row(/^Harbour Café/).waitFor();
    await workbench.webview().locator('#generate').waitFor();
  });

  it('generates on a ComfyUI server and sees the picture become', async () => {
    comfyui.hold();
    await generateWith('comfyui', 'a lighthouse at dawn, soft watercolour');
    await comfyui.held();
    await workbench.webview().locator('img.tile-preview').first().waitFor();
    comfyui.release();
    await workbench.webview().locator('.run-succeeded').first().waitFor();
    assert.equal(images().length, 1);
  });

  it('generates with a program', async () => {
    await generateWith('painter', 'a lighthouse at dusk');
    await workbench.webview().locator('.run-succeeded').nth(1).waitFor();
    const files = images();
    assert.equal(files.length, 2);
    assert.ok(
      files.every((file) => /data\/images\/summer-menu\/poster\/run-[a-z0-9]+\//.test(file.replaceAll('\\', '/'))),
    );
    for (const file of files) {
      const sidecar = readFileSync(path.join(folder, `${file}.json`), 'utf8');
      assert.match(sidecar, /a lighthouse at d(awn|usk)/);
    }
  });

  it('closes VS Code in the middle of a run, and finds it adopted, made and paid once', async () => {
    comfyui.hold();
    await generateWith('comfyui', 'a lighthouse at night');
    await comfyui.held();
    const accepted = comfyui.accepted.length;
    await closeVscode();
    assert.equal(images().length, 2);
    await openVscode();
    await workbench.openView('Lakeside');
    comfyui.release();
    await workbench.expandTreeItem('Harbour Café');
    await workbench.expandTreeItem('Summer menu');
    await row(/^Poster.*3 images/).waitFor();
    assert.equal(comfyui.accepted.length, accepted);
    assert.equal(images().length, 3);
  });

  it('opens the gallery, rates and picks by key', async () => {
    await workbench.treeItem('Summer menu').first().click();
    await workbench.runCommand('Lakeside: Open gallery');
    // The click that selected it has closed it.
    await workbench.expandTreeItem('Summer menu');
    const panel = workbench.webview();
    await panel.locator('[role=gridcell] img.loaded').nth(2).waitFor();
    await panel.locator('[role=gridcell]').first().click();
    await workbench.page.keyboard.press('5');
    await panel.locator('[role=gridcell]').first().locator('.tile-rated').waitFor();
    await workbench.page.keyboard.press('p');
    await panel.locator('.tile-picked').first().waitFor();
    await row(/^Poster.*1 of 3 picked/).waitFor();
    await workbench.page.keyboard.press('Control+z');
    await row(/^Poster.*3 images/).waitFor();
    await workbench.page.keyboard.press('p');
    await row(/^Poster.*1 of 3 picked/).waitFor();
  });

  it('looks at one image large, and at what was said to make it', async () => {
    const panel = workbench.webview();
    await workbench.page.keyboard.press('Enter');
    await panel.locator('.single-frame img').first().waitFor();
    await panel
      .getByText(/a lighthouse at (dawn|dusk|night)/)
      .first()
      .waitFor();
    await workbench.page.keyboard.press('Escape');
  });

  it('sees on the overview what was made and what waits for a pick', async () => {
    await workbench.runCommand('Lakeside: Open overview');
    await workbench.webview().getByText('Poster').first().waitFor();
  });

  it('was told of no error, and broke no policy', () => {
    assert.deepEqual(workbench.consoleErrors(), []);
    assert.deepEqual(workbench.cspViolations(), []);
  });
});
