import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

import { dataDir } from '../base/dataDir.ts';
import { openDiff } from '../diffEngine.ts';
import type { DiffArguments } from './diffArguments.ts';
import { EXIT } from './exitCode.ts';
import { writeListDocument } from './jsonDocument.ts';
import { CONFIG_FILE, SETTING_VARIABLES } from './settingVariables.ts';
import { StreamTerminal, type Terminal } from './terminal.ts';

/** What it takes from its process. */
export interface QuickDiffProcess {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly homeDir: string;
  readonly workingDir: string;
  readonly terminal: Terminal;
}

/**
 * `lakeside diff --json` without the whole command line, which takes longer to load than the comparison does.
 * @returns the exit code; undefined where there is more to do or to say than a plain comparison: then nothing has been
 * written, and the whole command line does it all
 */
export async function quickDiff(
  { dataDir: named, ...question }: DiffArguments,
  { environment, platform, homeDir, workingDir, terminal }: QuickDiffProcess,
): Promise<number | undefined> {
  const started = performance.now();
  let close: (() => void) | undefined;
  try {
    const folder = dataDir({
      named: named === undefined ? undefined : path.resolve(workingDir, named),
      environment,
      platform,
      homeDir,
    });
    if (hasSettings(folder, environment)) return undefined;
    const diff = openDiff({ dataDir: folder, ...question });
    if (diff === undefined) return undefined;
    close = () => diff.close();
    const { counts, items } = diff;
    const ms = Math.round(performance.now() - started);
    await writeListDocument(terminal, { head: { counts }, list: 'items', items, tail: { ms } });
    return terminal.hasFailed ? EXIT.couldNotRun : EXIT.done;
  } catch (error) {
    // Half a document is on its way: a second one would not make it whole.
    if (terminal.hasWritten) throw error;
    return undefined;
  } finally {
    close?.();
  }
}

/** Settings may add roots, or move them. */
function hasSettings(folder: string, environment: QuickDiffProcess['environment']): boolean {
  if (existsSync(path.join(folder, CONFIG_FILE))) return true;
  return Object.keys(SETTING_VARIABLES).some((name) => (environment[name]?.trim() ?? '') !== '');
}

/** As a process: its streams and its exit code. Undefined: the whole command line is wanted. */
export async function runQuickDiff(question: DiffArguments): Promise<number | undefined> {
  const { env: environment, platform, stdout, stderr } = process;
  const terminal = new StreamTerminal(stdout, stderr);
  return quickDiff(question, { environment, platform, homeDir: homedir(), workingDir: process.cwd(), terminal });
}
