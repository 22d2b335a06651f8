import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { projectDir } from '../support/projectDir.ts';
import { startVscodeServer, type VscodeServer } from '../support/vscodeServer.ts';
import { openWorkbench, type Workbench } from '../support/workbench.ts';

describe('Lakeside in VS Code before any root is set', () => {
  let folder: string;
  let server: VscodeServer;
  let workbench: Workbench;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'lakeside-browser-'));
    server = await startVscodeServer({ settings: { 'lakeside.dataDir': path.join(folder, 'data') } });
    workbench = await openWorkbench(server.workbenchUrl({ folder, extensionDevelopmentPath: projectDir }));
  });

  after(async () => {
    await workbench.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  it('stands in the activity bar with its trees', async () => {
    await workbench.openView('Lakeside');
    for (const name of ['Models', 'Jobs']) {
      await workbench.page.locator('.pane-header', { hasText: name }).waitFor();
    }
  });

  it('reports no console error, no policy violation and no failure', async () => {
    assert.deepEqual(workbench.consoleErrors(), []);
    assert.deepEqual(workbench.cspViolations(), []);
    assert.deepEqual(await workbench.notifications(), []);
  });
});
