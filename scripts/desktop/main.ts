import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runTests } from '@vscode/test-electron';
import { z } from 'zod';
import { printHostTestResult, readHostTestResult } from '../../test/support/hostTestResult.ts';
import { distDir, projectDir } from '../build/paths.ts';
import { runScript } from '../test/command.ts';

const { values } = parseArgs({ options: { vscode: { type: 'string', multiple: true } } });
const results = [];
if ((await runScript('scripts/build/main.ts', [])) !== 0) process.exit(1);
for (const name of values.vscode ?? ['oldest', 'current']) results.push(await testIn(await versionOf(name)));
const passed = results.reduce((sum, result) => sum + result.passed, 0);
const failed = results.reduce((sum, result) => sum + result.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

async function testIn(version: string): Promise<{ passed: number; failed: number }> {
  console.log(`\n── VS Code ${version} ──`);
  const folder = await mkdtemp(path.join(tmpdir(), 'lakeside-desktop-'));
  const workspace = path.join(folder, 'workspace');
  const userDir = path.join(folder, 'user');
  const resultFile = path.join(folder, 'result.json');
  try {
    await mkdir(workspace);
    await mkdir(path.join(userDir, 'User'), { recursive: true });
    const settings = { 'lakeside.dataDir': path.join(folder, 'data') };
    await writeFile(path.join(userDir, 'User', 'settings.json'), JSON.stringify(settings));
    await runTests({
      version,
      extensionDevelopmentPath: projectDir,
      extensionTestsPath: path.join(distDir, 'test', 'host', 'index.js'),
      extensionTestsEnv: { LAKESIDE_TEST_RESULT: resultFile },
      launchArgs: [workspace, '--user-data-dir', userDir, '--disable-extensions', '--disable-workspace-trust'],
    }).catch((error: unknown) => {
      // Failed tests end VS Code with an error too; the result file tells them from a VS Code that did not start.
      console.error(error instanceof Error ? error.message : error);
    });
    const result = await readHostTestResult(resultFile);
    printHostTestResult(result);
    return result;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return { passed: 0, failed: 1 };
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** `oldest` is the version that package.json promises to support. */
async function versionOf(name: string): Promise<string> {
  if (name === 'current') return 'stable';
  if (name !== 'oldest') return name;
  const { engines } = z
    .object({ engines: z.object({ vscode: z.string() }) })
    .parse(JSON.parse(await readFile(path.join(projectDir, 'package.json'), 'utf8')));
  return engines.vscode.replace(/^\D+/, '');
}
