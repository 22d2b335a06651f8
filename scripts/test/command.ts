import { spawn } from 'node:child_process';
import path from 'node:path';
import { projectDir } from '../build/paths.ts';

/** Longest time of one command. Whatever runs longer waits for something that will not come. */
const commandTimeoutMs = 15 * 60_000;

/**
 * Runs a script under this Node, with its output on this terminal.
 * @param script its file below the project's folder
 * @returns its exit code; null when it was ended for taking too long
 */
export function runScript(
  script: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(projectDir, script), ...args], {
      cwd: projectDir,
      env: { ...process.env, ...env },
      stdio: 'inherit',
    });
    const timer = setTimeout(() => {
      console.error(`${script} took longer than ${commandTimeoutMs / 60_000} minutes and was ended.`);
      child.kill('SIGKILL');
    }, commandTimeoutMs);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve(code);
    });
  });
}
