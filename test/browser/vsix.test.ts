import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import path from 'node:path';
import { currentTarget } from '../../scripts/build/targets.ts';
import { packageVsix } from '../../scripts/package/packageVsix.ts';
import { Cleanup } from '../support/cleanup.ts';
import { startVscodeServer, type VscodeServer } from '../support/vscodeServer.ts';
import { openWorkbench, type Workbench } from '../support/workbench.ts';

describe('the packaged extension', () => {
  const cleanup = new Cleanup();
  let server: VscodeServer;
  let workbench: Workbench;

  before(async () => {
    const folder = await cleanup.folder('lakeside-vsix-');
    const { file } = await packageVsix(currentTarget(), folder);
    const settings = { 'lakeside.dataDir': path.join(folder, 'data') };
    server = await cleanup.own(startVscodeServer({ settings, vsixFiles: [file] }));
    workbench = await cleanup.own(openWorkbench(server.workbenchUrl({ folder })));
  });

  after(() => cleanup.run());

  it('holds the program and nothing of its making', () => {
    const extensionsDir = path.join(server.profileDir, 'extensions');
    const files = globSync('lakeside.lakeside-*/**', { cwd: extensionsDir, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(extensionsDir, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
      .map((file) => file.slice(file.indexOf('/') + 1));
    for (const needed of [
      'package.json',
      'dist/extension.js',
      'dist/engine.js',
      'dist/cli.js',
      'dist/imageWorker.js',
      'dist/commandRunner.js',
      'dist/native/blake3.wasm',
    ]) {
      assert.ok(files.includes(needed), `${needed} is missing among ${files.join(', ')}`);
    }
    const strange = files.filter((file) =>
      /\.(map|tsx?)$|(^|\/)(test|src|scripts)\/|node_modules\/(?!@img\/)/.test(file),
    );
    assert.deepEqual(strange, []);
  });

  it('stands in the activity bar and starts without a complaint', async () => {
    await workbench.openView('Lakeside');
    for (const name of ['Models', 'Jobs']) await workbench.page.locator('.pane-header', { hasText: name }).waitFor();
    assert.deepEqual(await workbench.notifications(), []);
    assert.deepEqual([...workbench.consoleErrors(), ...workbench.cspViolations()], []);
  });
});
