import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator } from 'playwright-core';

import { type DemoLibrary, makeDemoLibrary } from '../../scripts/demo/demoLibrary.ts';
import { b3sum } from '../support/b3sum.ts';
import { Cleanup } from '../support/cleanup.ts';
import { projectDir } from '../support/projectDir.ts';
import { startVscodeServer } from '../support/vscodeServer.ts';
import { openWorkbench, type Workbench } from '../support/workbench.ts';

/** Takes no room on most disks. */
const LARGE = { path: 'diffusion_models/meridian_dev_fp8.safetensors', bytes: 300 * 1024 * 1024 };
/** So that the large file can be paused in the middle of it, however fast the machine is. */
const MEGABYTES_PER_SECOND = 20;
const STEP_TIMEOUT_MS = 60_000;

/** Each test goes on where the one before it ended, as a person does; the first failure ends the suite. */
describe('a person who moves models both ways', function () {
  this.timeout(300_000);
  this.bail(true);
  const cleanup = new Cleanup();
  let library: DemoLibrary;
  let workbench: Workbench;
  /** Of the conflicts: one that is decided, and one that is left open. */
  let decided: string;
  let open: string;
  /** The hash of what Local has of the open one. */
  let mine: string | undefined;

  before(async () => {
    const folder = await cleanup.folder('lakeside-transfer-job-');
    const workspace = path.join(folder, 'workspace');
    await mkdir(workspace);
    library = await makeDemoLibrary(folder);
    const settings = {
      'lakeside.dataDir': path.join(folder, 'data'),
      'lakeside.local.root': library.localRoot,
      'lakeside.lake.root': library.lakeRoot,
      // On a busy machine the focus may go elsewhere between two questions.
      'workbench.quickOpen.closeOnFocusLost': false,
      'lakeside.transfer.bandwidth': { megabytesPerSecond: MEGABYTES_PER_SECOND, timetable: [] },
    };
    const server = await cleanup.own(startVscodeServer({ settings }));
    const url = server.workbenchUrl({ folder: workspace, extensionDevelopmentPath: projectDir });
    workbench = await cleanup.own(openWorkbench(url));
    // It does more at once than the other jobs of a person: a busy machine takes its time.
    workbench.page.setDefaultTimeout(STEP_TIMEOUT_MS);
    await workbench.openView('Lakeside');
    await workbench.closeView('Projects');
  });

  after(() => cleanup.run());

  const large = (): string => path.join(library.localRoot, LARGE.path);
  async function addLargeFile(): Promise<void> {
    const file = path.join(library.lakeRoot, LARGE.path);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, '');
    await truncate(file, LARGE.bytes);
    const time = new Date(Date.UTC(2025, 3, 1, 9));
    await utimes(file, time, time);
  }
  const pick = (text: string): Locator =>
    workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: text });
  const inBoth = async (file: string): Promise<[string | undefined, string | undefined]> => [
    (await b3sum(library.localRoot, [file])).get(file),
    (await b3sum(library.lakeRoot, [file])).get(file),
  ];

  const pathOf = async (row: Locator): Promise<string> =>
    (await row.locator('.path').innerText()).replaceAll(/\s/g, '');
  const nameOf = (file: string): string => file.split('/').at(-1) ?? '';

  it('sees in Roots how much room each has', async () => {
    await workbench.openSection('Roots');
    const lake = workbench.page.locator('.monaco-list-row', { hasText: /^Lake.*free/ }).first();
    await lake.waitFor();
    // A tooltip of the row above would lie over it.
    await workbench.page.mouse.move(900, 500);
    await lake.locator('.monaco-tl-twistie').click();
    await workbench.page.mouse.move(900, 500);
    await workbench.page
      .locator('.monaco-list-row', { hasText: /^Scanned/ })
      .first()
      .waitFor();
    await workbench.closeView('Roots');
  });

  it('makes a plan both ways', async () => {
    await workbench.runCommand('Lakeside: Make plan');
    await pick('Both ways').click();
    await workbench.page.locator('.quick-input-widget', { hasText: 'Find moved folders' }).waitFor();
    await workbench.page.keyboard.press('Enter');
    await workbench.webview().getByText('Both ways: Local ⇄ Lake').waitFor();
  });

  it('decides a conflict by key, and leaves the others open', async () => {
    const panel = workbench.webview();
    await panel.getByRole('button', { name: /^Conflicts/ }).click();
    const conflicts = panel.locator('.row', { hasText: 'Decide' });
    await conflicts.nth(1).waitFor();
    decided = await pathOf(conflicts.nth(0));
    open = await pathOf(conflicts.nth(1));
    await conflicts.nth(0).click();
    await workbench.page.keyboard.press('2');
    await panel.getByRole('button', { name: /^Conflicts/ }).click();
    const row = panel.locator('.row', { hasText: nameOf(decided) });
    await row.locator('.kind-replace').first().waitFor();
    await panel.getByText('1 replaces a file').waitFor();
    const [local, lake] = await inBoth(decided);
    assert.notEqual(local, lake);
  });

  it('applies it, and finds the decided file the same in both', async () => {
    const panel = workbench.webview();
    const [, lake] = await inBoth(decided);
    await panel.locator('#apply:not([disabled])').click();
    await panel.getByText(/not decided. Th/).waitFor();
    await panel.getByText('Apply anyway').click();
    await panel.getByText('left for you to decide').waitFor();
    assert.deepEqual(await inBoth(decided), [lake, lake]);
  });

  it('pauses a running copy, and resumes it', async () => {
    await addLargeFile();
    await workbench.expandTreeItem('Done');
    await workbench.runCommand('Lakeside: Scan all roots');
    await workbench.page
      .locator('.monaco-list-row', { hasText: /^Mirror plan….*↓1(?!\d)/ })
      .first()
      .waitFor();
    await workbench.runCommand('Lakeside: Make plan');
    await pick('Update').click();
    await pick('make Local hold').click();
    await workbench.page.locator('.quick-input-widget', { hasText: 'Only some of it' }).waitFor();
    await workbench.page.keyboard.press('Enter');
    const panel = workbench.webview();
    await panel.getByText('Update Lake → Local').waitFor();
    mine = (await inBoth(open))[0];
    await panel.locator('#apply:not([disabled])').click();
    await panel.locator('#pause:not([disabled])').click();
    await panel.getByText('Paused. What is done stays done.').waitFor();
    assert.ok(!existsSync(large()));
    await panel.locator('#resume:not([disabled])').click();
    await panel.getByText('Every step is done.').waitFor({ timeout: 120_000 });
    assert.equal((await stat(large())).size, LARGE.bytes);
    const [local, lake] = await inBoth(open);
    assert.equal(local, lake);
  });

  it('sees what the job noted', async () => {
    await workbench.page
      .locator('.monaco-list-row', { hasText: /^Update Local from Lake/ })
      .first()
      .click();
    const panel = workbench.webview();
    await panel
      .locator('.log-lines')
      .getByText(/[Pp]aused/)
      .first()
      .waitFor();
    await panel.getByText(/^Done · .* verified/).waitFor();
  });

  it('takes it back from there', async () => {
    await workbench.webview().locator('#undo:not([disabled])').click();
    const panel = workbench.webview();
    await panel.getByText('Undo: Lake → Local').waitFor();
    await panel.locator('.row .kind-delete').first().waitFor();
    await panel.locator('#apply:not([disabled])').click();
    await panel.getByText('Every step is done.').waitFor();
    assert.ok(!existsSync(large()));
    const [local, lake] = await inBoth(open);
    assert.equal(local, mine);
    assert.notEqual(local, lake);
  });

  it('finds in the trash what was taken back, and restores it', async () => {
    await workbench.runCommand('Lakeside: Open trash');
    const panel = workbench.webview('Trash');
    const row = panel.getByRole('row').filter({ hasText: nameOf(LARGE.path) });
    await row.getByRole('checkbox').click();
    await panel.locator('#restore:not([disabled])').click();
    await row.waitFor({ state: 'detached' });
    assert.equal((await stat(large())).size, LARGE.bytes);
    const [local, lake] = await inBoth(LARGE.path);
    assert.equal(local, lake);
  });

  it('was told of no error, and broke no policy', () => {
    assert.deepEqual(workbench.consoleErrors(), []);
    assert.deepEqual(workbench.cspViolations(), []);
  });
});
