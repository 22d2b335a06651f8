import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { watch } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type HostTestResult, printHostTestResult, readHostTestResult } from './hostTestResult.ts';
import { projectDir } from './projectDir.ts';
import { startVscodeServer } from './vscodeServer.ts';
import { openWorkbench } from './workbench.ts';

const runTimeoutMs = 5 * 60_000;

export interface HostTestOptions {
  /** Absolute path of the extension under test; by default this project. */
  readonly extensionDir?: string;
}

/**
 * Runs dist/test/host/ inside the extension host of a VS Code server and prints what failed.
 * @returns how many tests passed, failed and were left out
 * @throws Error when the extension host has not reported after five minutes
 */
export async function runHostTests(options: HostTestOptions = {}): Promise<HostTestResult> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lakeside-host-'));
  const workspace = path.join(folder, 'workspace');
  const resultFile = path.join(folder, 'result', 'result.json');
  await Promise.all([workspace, path.dirname(resultFile)].map((dir) => mkdir(dir)));
  const extensionDir = options.extensionDir ?? projectDir;
  const server = await startVscodeServer({
    settings: { 'lakeside.dataDir': path.join(folder, 'data') },
    env: { LAKESIDE_TEST_RESULT: resultFile },
  });
  try {
    const url = server.workbenchUrl({
      folder: workspace,
      extensionDevelopmentPath: extensionDir,
      extensionTestsPath: path.join(extensionDir, 'dist', 'test', 'host', 'index.js'),
    });
    const written = fileWritten(resultFile);
    const workbench = await openWorkbench(url);
    try {
      await written;
    } catch (error) {
      throw new Error(`${String(error)}\n${workbench.consoleErrors().join('\n')}\n${server.output()}`, {
        cause: error,
      });
    } finally {
      await workbench.close();
    }
    const result = await readHostTestResult(resultFile);
    printHostTestResult(result);
    return result;
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Settles when the file has been renamed into place. */
function fileWritten(file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const watcher = watch(path.dirname(file), (_event, name) => {
      if (name === path.basename(file)) end(resolve);
    });
    const timer = setTimeout(
      () => end(() => reject(new Error('The extension host did not report its tests in time.'))),
      runTimeoutMs,
    );
    function end(settle: () => void): void {
      clearTimeout(timer);
      watcher.close();
      settle();
    }
  });
}
