import assert from 'node:assert/strict';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator } from 'playwright-core';

import { chooseFolder } from '../support/chooseFolder.ts';
import { Cleanup } from '../support/cleanup.ts';
import { projectDir } from '../support/projectDir.ts';
import { startVscodeServer } from '../support/vscodeServer.ts';
import { openWorkbench, type Workbench } from '../support/workbench.ts';

/** What Lakeside cannot or may not do is said in one sentence where the person is, with what helps. */
describe('a person who asks for what cannot be', function () {
  this.bail(true);
  const cleanup = new Cleanup();
  let folder: string;
  let workbench: Workbench;

  before(async () => {
    folder = await cleanup.folder('lakeside-refusals-');
    for (const name of ['workspace', 'local/loras', 'lake']) await mkdir(path.join(folder, name), { recursive: true });
    await writeFile(path.join(folder, 'local', 'loras', 'a.safetensors'), 'weights');
    const settings = {
      'lakeside.dataDir': path.join(folder, 'data'),
      'lakeside.local.root': path.join(folder, 'local'),
      'lakeside.queue.concurrency': 'many',
    };
    const server = await cleanup.own(startVscodeServer({ settings }));
    const address = { folder: path.join(folder, 'workspace'), extensionDevelopmentPath: projectDir };
    workbench = await cleanup.own(openWorkbench(server.workbenchUrl(address)));
    await workbench.openView('Lakeside');
    await workbench.closeView('Projects');
    await workbench.treeItem('Local').waitFor();
  });

  after(() => cleanup.run());

  const dialog = (): Locator => workbench.page.locator('.monaco-dialog-box');
  const row = (text: RegExp): Locator => workbench.page.locator('.monaco-list-row[role=treeitem]', { hasText: text });

  it('hears which setting is wrong and what it should be', async () => {
    const warning = await workbench.notification('The setting lakeside.queue.concurrency is "many"');
    assert.match(await warning.innerText(), /a whole number from 1 to 16 is expected; the default 1 is used\./);
    await warning.locator('.monaco-button', { hasText: 'Open setting' }).waitFor();
    await workbench.runCommand('Notifications: Clear All Notifications');
  });

  it('hears that a root may not lie in another', async () => {
    await workbench.runCommand('Lakeside: Set the Lake folder');
    await chooseFolder(workbench, path.join(folder, 'local', 'loras'));
    await workbench.notification(/lies inside the root "Local".*choose another folder/);
    await workbench.runCommand('Notifications: Clear All Notifications');
  });

  it('is offered a new id for a copy of a root', async () => {
    await cp(path.join(folder, 'local'), path.join(folder, 'copy'), { recursive: true });
    await workbench.runCommand('Lakeside: Set the Lake folder');
    await chooseFolder(workbench, path.join(folder, 'copy'));
    await dialog()
      .getByText(/carries the marker of the root "Local"/)
      .waitFor();
    await dialog().locator('.monaco-button', { hasText: 'Use with a new id' }).click();
    await row(/^Lake1 files?/).waitFor();
  });

  it('is asked before the Lake becomes another folder', async () => {
    await workbench.runCommand('Lakeside: Set the Lake folder');
    await chooseFolder(workbench, path.join(folder, 'lake'));
    await dialog()
      .getByText(/instead of/)
      .waitFor();
    await dialog().locator('.monaco-button', { hasText: 'Cancel' }).click();
    await row(/^Lake1 file/).waitFor();
  });

  it('is told that removing a root touches no file', async () => {
    await workbench.runCommand('Lakeside: Remove root');
    await workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: path.join(folder, 'copy') }).click();
    await dialog().getByText('No file in it is touched.').waitFor();
    await dialog()
      .locator('.monaco-button', { hasText: /^Remove$/ })
      .click();
    await workbench.treeItem('Set the Lake folder…').waitFor();
  });
});

describe('a workspace that is not trusted', () => {
  const cleanup = new Cleanup();
  let workbench: Workbench;

  before(async () => {
    const folder = await cleanup.folder('lakeside-untrusted-');
    for (const name of ['workspace', 'local', 'lake']) {
      await mkdir(path.join(folder, name));
      await writeFile(path.join(folder, name, `only-in-${name}.safetensors`), 'weights');
    }
    const settings = {
      'lakeside.dataDir': path.join(folder, 'data'),
      'lakeside.local.root': path.join(folder, 'local'),
      'lakeside.lake.root': path.join(folder, 'lake'),
      'security.workspace.trust.enabled': true,
      'security.workspace.trust.startupPrompt': 'never',
    };
    const server = await cleanup.own(startVscodeServer({ settings }));
    const address = { folder: path.join(folder, 'workspace'), extensionDevelopmentPath: projectDir };
    workbench = await cleanup.own(openWorkbench(server.workbenchUrl(address)));
  });

  after(() => cleanup.run());

  it('lets a person look', async () => {
    await workbench.openView('Lakeside');
    await workbench.treeItem('only-in-lake.safetensors').first().waitFor();
  });

  it('and copies nothing', async () => {
    await workbench.treeItem('only-in-local.safetensors').first().click({ button: 'right' });
    const item = workbench.page.locator('.monaco-menu .action-item', { hasText: 'Copy to Lake' });
    await item.and(workbench.page.locator('.disabled')).waitFor();
    await workbench.page.keyboard.press('Escape');
  });
});
