import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startVscodeServer } from '../../test/support/vscodeServer.ts';
import { openWorkbench } from '../../test/support/workbench.ts';
import { projectDir } from '../build/paths.ts';
import { makeDemoLibrary } from '../demo/demoLibrary.ts';
import { DEMO_COMMANDS, makeDemoStudio } from '../demo/demoStudio.ts';
import { runScript } from '../test/command.ts';
import { type Scene, scenes } from './scenes.ts';

const picturesDir = path.join(projectDir, 'docs', 'pictures');
const { values } = parseArgs({ options: { only: { type: 'string' } } });
const chosen = scenes.filter(({ name }) => values.only === undefined || values.only.split(',').includes(name));
if ((await runScript('scripts/build/main.ts', [])) !== 0) process.exit(1);
for (const scene of chosen) await takePicture(scene);

/** Each scene has its own library and VS Code, so that its picture does not depend on the ones before it. */
async function takePicture(scene: Scene): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lakeside-picture-'));
  const workspace = path.join(folder, 'models');
  await mkdir(workspace);
  const library = await makeDemoLibrary(folder);
  await scene.prepare?.(library);
  if (scene.studio === true) await makeDemoStudio(path.join(folder, 'data'));
  const server = await startVscodeServer({
    settings: {
      'lakeside.local.root': library.localRoot,
      'lakeside.lake.root': library.lakeRoot,
      'lakeside.dataDir': path.join(folder, 'data'),
      'lakeside.studio.commands': DEMO_COMMANDS,
      // What would say more of the machine than of Lakeside.
      'breadcrumbs.enabled': false,
      'window.commandCenter': false,
      'workbench.colorTheme': scene.theme ?? 'Default Dark Modern',
      ...scene.settings,
    },
  });
  const url = server.workbenchUrl({ folder: workspace, extensionDevelopmentPath: projectDir });
  const workbench = await openWorkbench(url, { viewport: { width: 1200, height: 700 }, scale: 1.35 });
  try {
    // A person waits, too, where a machine is busy.
    workbench.page.setDefaultTimeout(90_000);
    await scene.arrange(workbench, library);
    const file = path.join(picturesDir, `${scene.name}.png`);
    await workbench.screenshot(file);
    console.log(path.relative(projectDir, file));
  } catch (error) {
    await workbench.screenshot(path.join(tmpdir(), `lakeside-picture-${scene.name}-failed.png`));
    throw error;
  } finally {
    await workbench.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
