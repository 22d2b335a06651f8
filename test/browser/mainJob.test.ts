import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Locator } from 'playwright-core';

import { currentTarget } from '../../scripts/build/targets.ts';
import { type DemoLibrary, makeDemoLibrary } from '../../scripts/demo/demoLibrary.ts';
import { packageVsix } from '../../scripts/package/packageVsix.ts';
import { firstSegment } from '../../src/base/relpath.ts';
import { modelCategory } from '../../src/host/trees/modelCategories.ts';
import { b3sum } from '../support/b3sum.ts';
import { chooseFolder } from '../support/chooseFolder.ts';
import { Cleanup } from '../support/cleanup.ts';
import { projectDir } from '../support/projectDir.ts';
import { startVscodeServer } from '../support/vscodeServer.ts';
import { openWorkbench, type Workbench } from '../support/workbench.ts';

/** How Lakeside comes into VS Code: run from its sources, or as the VSIX that people install. */
const KINDS = ['in development', 'packaged and installed'] as const;

for (const kind of KINDS) {
  describe(`a person who opens VS Code with Lakeside ${kind}`, function () {
    this.bail(true);
    mainJob(kind);
  });
}

/** Each test goes on where the one before it ended, as a person does; the first failure ends the suite. */
function mainJob(kind: (typeof KINDS)[number]): void {
  const cleanup = new Cleanup();
  let library: DemoLibrary;
  let workbench: Workbench;
  let unticked: string;

  before(async () => {
    const folder = await cleanup.folder('lakeside-main-job-');
    const workspace = path.join(folder, 'workspace');
    await mkdir(workspace);
    library = await makeDemoLibrary(folder);
    const settings = { 'lakeside.dataDir': path.join(folder, 'data') };
    const packaged = kind === 'packaged and installed';
    const vsixFiles = packaged ? [(await packageVsix(currentTarget(), folder)).file] : [];
    const server = await cleanup.own(startVscodeServer({ settings, vsixFiles }));
    const url = server.workbenchUrl({
      folder: workspace,
      ...(packaged ? {} : { extensionDevelopmentPath: projectDir }),
    });
    workbench = await cleanup.own(openWorkbench(url));
  });

  after(() => cleanup.run());

  const button = (text: string): Locator =>
    workbench.page.locator('.pane-body .monaco-button', { hasText: new RegExp(`^${text}$`) });
  const rowWith = (text: string | RegExp): Locator =>
    workbench.page.locator('.monaco-list-row[role=treeitem]', { hasText: text });

  it('is welcomed and sets the Local folder', async () => {
    await workbench.openView('Lakeside');
    await workbench.closeView('Projects');
    await button('Set the Local folder').click();
    await chooseFolder(workbench, library.localRoot);
    await rowWith(/^Local\d+ files/).waitFor();
  });

  it('sets the Lake folder and sees both scanned', async () => {
    await workbench.treeItem('Set the Lake folder…').click();
    await chooseFolder(workbench, library.lakeRoot);
    await rowWith(/^Lake\d+ files/).waitFor();
  });

  it('sees in the tree how the two differ', async () => {
    await rowWith(/^LoRAs.*↓\d+ \+\d+ ≠\d+/)
      .first()
      .waitFor();
    await workbench.treeItem('LoRAs').first().locator('.monaco-tl-twistie').click();
    // What only the Lake has stands greyed under Local, with a button to bring it.
    await workbench.treeItem('unsorted').first().hover();
    await workbench.page.locator('.monaco-list-row .action-label[aria-label*="Bring here"]').first().waitFor();
  });

  it('compares, and makes a mirror plan from Lake to Local', async () => {
    await workbench.runCommand('Lakeside: Compare roots');
    const answer = await workbench.notification(/Local and Lake differ: \d+ only in Local, \d+ only in Lake/);
    await answer.locator('.monaco-button', { hasText: 'Make mirror plan…' }).click();
    await workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: 'make Local hold' }).click();
    await workbench.page.locator('.quick-input-widget', { hasText: 'Compare by content' }).waitFor();
    await workbench.page.keyboard.press('Enter');
    await workbench.webview().locator('#apply').waitFor();
  });

  it('unticks a step', async () => {
    const panel = workbench.webview();
    const row = panel.locator('.row', { hasText: 'Copy' }).first();
    unticked = (await row.locator('.path').innerText()).replaceAll(/\s/g, '');
    await row.locator('.tick').click();
    await row.locator('.tick[aria-checked=false]').waitFor();
  });

  it('applies the plan and sees every step done', async () => {
    const panel = workbench.webview();
    await panel.locator('#apply').click();
    await panel.getByText('Every step is done.').waitFor();
  });

  it('sees the jobs finish', async () => {
    await workbench.expandTreeItem('Done');
    await rowWith(/^Mirror Lake → Local.*verified/).waitFor();
  });

  it('finds the files equal on disk, but for the one that was left out', async () => {
    const { localRoot, lakeRoot } = library;
    const inLake = globSync('**/*.*', { cwd: lakeRoot }).map((file) => file.replaceAll('\\', '/'));
    assert.ok(inLake.includes(unticked), `${unticked} is no file of the Lake`);
    const mirrored = inLake.filter((file) => file !== unticked);
    assert.ok(mirrored.length > 200);
    assert.deepEqual(await b3sum(localRoot, mirrored), await b3sum(lakeRoot, mirrored));
    assert.deepEqual(globSync(unticked, { cwd: localRoot }), []);
  });

  it('sees in the tree that only what was left out is still missing', async () => {
    const folder = firstSegment(unticked);
    const label = modelCategory(folder)?.label ?? folder;
    await rowWith(new RegExp(`^${label}.*↓1(?!\\d)`)).waitFor();
    await rowWith(/^Mirror plan….*↓1(?!\d)/).waitFor();
  });

  it('was told of no error, and broke no policy', () => {
    assert.deepEqual(workbench.consoleErrors(), []);
    assert.deepEqual(workbench.cspViolations(), []);
  });
}
