import { existsSync, renameSync, watch, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { type HostMeasurement, hostSignals } from '../hostMeasurement.ts';
import { StretchProbe } from './stretchProbe.ts';

const extensionId = 'lakeside.lakeside';
/** What the start of the window still does is none of ours. */
const settleMs = 3_000;
const idleMs = 15_000;
/** After the last change: the watcher's, the look's and the tree's turn. */
const afterMs = 3_000;
const groups = 40;
const folders = 900;

/** VS Code calls this in its extension host, before Lakeside is activated; docs/bench.md says what is measured. */
export async function run(): Promise<void> {
  const control = process.env.LAKESIDE_BENCH_CONTROL;
  if (control === undefined) throw new Error('LAKESIDE_BENCH_CONTROL names no folder.');
  const signal = (name: string): void => writeFileSync(path.join(control, name), '');
  try {
    write(control, await measure(control, signal));
  } catch (error) {
    write(control, { error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

async function measure(control: string, signal: (name: string) => void): Promise<HostMeasurement> {
  const extension = vscode.extensions.getExtension(extensionId);
  if (extension === undefined) throw new Error(`${extensionId} is not among the extensions.`);
  if (extension.isActive) throw new Error('Lakeside was activated before it could be measured.');
  await pause(settleMs);
  const idle = new StretchProbe();
  await pause(idleMs);
  const idleStretch = idle.stop();

  const memoryBefore = process.memoryUsage.rss();
  const start = performance.now();
  await extension.activate();
  const activationMs = performance.now() - start;

  const busy = new StretchProbe();
  await vscode.commands.executeCommand('workbench.view.extension.lakeside');
  await vscode.commands.executeCommand('lakeside.scanAll');
  await arrival(control, hostSignals.scanned);
  await vscode.commands.executeCommand('lakeside.models.focus');
  await openAll(groups);
  await openAll(folders);
  signal(hostSignals.shown);
  await arrival(control, hostSignals.changed);
  await pause(afterMs);
  const busyStretch = busy.stop();
  const memoryAdded = process.memoryUsage.rss() - memoryBefore;

  await vscode.commands.executeCommand('lakeside.jobs.focus');
  const moving = new StretchProbe();
  signal(hostSignals.ready);
  await arrival(control, hostSignals.moved);
  await pause(afterMs);
  return { activationMs, idle: idleStretch, busy: busyStretch, moving: moving.stop(), memoryAdded };
}

/** Opens so many rows of the tree that has the focus, from its last one up, so that each is there when its turn comes. */
async function openAll(rows: number): Promise<void> {
  await vscode.commands.executeCommand('list.focusLast');
  for (let row = 0; row < rows; row++) {
    await vscode.commands.executeCommand('list.expand');
    await vscode.commands.executeCommand('list.focusUp');
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits for a file that the process outside makes. */
function arrival(folder: string, name: string): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!existsSync(path.join(folder, name))) return;
      watcher.close();
      resolve();
    };
    const watcher = watch(folder, look);
    look();
  });
}

/** Written beside and renamed, so that the reader never sees half a file. */
function write(control: string, result: HostMeasurement | { readonly error: string }): void {
  const file = path.join(control, hostSignals.result);
  writeFileSync(`${file}.partial`, JSON.stringify(result));
  renameSync(`${file}.partial`, file);
}
