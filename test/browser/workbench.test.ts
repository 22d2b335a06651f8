import assert from 'node:assert/strict';
import path from 'node:path';
import { Cleanup } from '../support/cleanup.ts';
import { projectDir } from '../support/projectDir.ts';
import { startVscodeServer, type VscodeServer } from '../support/vscodeServer.ts';
import { openWorkbench, type Workbench } from '../support/workbench.ts';

describe('Lakeside in VS Code before any root is set', () => {
  const cleanup = new Cleanup();
  let server: VscodeServer;
  let workbench: Workbench;

  before(async () => {
    const folder = await cleanup.folder('lakeside-browser-');
    server = await cleanup.own(startVscodeServer({ settings: { 'lakeside.dataDir': path.join(folder, 'data') } }));
    workbench = await cleanup.own(openWorkbench(server.workbenchUrl({ folder, extensionDevelopmentPath: projectDir })));
  });

  after(() => cleanup.run());

  it('stands in the activity bar with its trees', async () => {
    await workbench.openView('Lakeside');
    for (const name of ['Models', 'Projects', 'Jobs']) {
      await workbench.page.locator('.pane-header', { hasText: name }).waitFor();
    }
  });

  it('reports no console error, no policy violation and no failure', async () => {
    assert.deepEqual(workbench.consoleErrors(), []);
    assert.deepEqual(workbench.cspViolations(), []);
    assert.deepEqual(await workbench.notifications(), []);
  });
});
