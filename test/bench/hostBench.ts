import { cpSync, existsSync, mkdirSync, readFileSync, watch, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as esbuild from 'esbuild';
import * as z from 'zod';
import { findChromium } from '../../scripts/setUp.mjs';
import { nodeOptions } from '../../scripts/build/nodeBundles.ts';
import { createEngine } from '../../src/engine.ts';
import { formatBytes } from '../../src/base/format.ts';
import { projectDir } from '../support/projectDir.ts';
import { startVscodeServer } from '../support/vscodeServer.ts';
import { openWorkbench } from '../support/workbench.ts';
import { type HostMeasurement, hostResultSchema, hostSignals } from './hostMeasurement.ts';
import type { MeasuredRow } from './report.ts';
import { makeManyFiles } from './trees.ts';

const manifestSchema = z.looseObject({ activationEvents: z.array(z.string()) });
const maxActivationMs = 150;
const maxStretchMs = 50;
const changedFiles = 300;
const changeEveryMs = 10;
const stepTimeoutMs = 4 * 60_000;
const moveTimeoutMs = 15 * 60_000;

/**
 * Measures Lakeside inside a VS Code server.
 * @param folder an absolute path, made and left to the caller to remove
 * @param files how many files its root holds
 */
export async function measureHost(folder: string, files: number): Promise<MeasuredRow[]> {
  if (findChromium() === undefined)
    return [{ what: 'not measured: Chromium is missing', value: '', limit: '', kept: false }];
  return hostRows(await measurement(folder, files), files);
}

function hostRows({ activationMs, idle, busy, moving, memoryAdded }: HostMeasurement, files: number): MeasuredRow[] {
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  const work = `${files.toLocaleString('en-US')} files scanned, watched and shown`;
  return [
    {
      what: 'activation',
      value: ms(activationMs),
      limit: `${maxActivationMs} ms`,
      kept: activationMs <= maxActivationMs,
    },
    {
      what: `longest stretch of the host's thread, ${work}`,
      value: ms(busy.longestWorkMs),
      limit: `${maxStretchMs} ms`,
      kept: busy.longestWorkMs <= maxStretchMs,
    },
    {
      what: 'the same, while all of them are hashed and copied to another root',
      value: ms(moving.longestWorkMs),
      limit: `${maxStretchMs} ms`,
      kept: moving.longestWorkMs <= maxStretchMs,
    },
    { what: 'the same, idle', value: ms(idle.longestWorkMs), limit: '', kept: true },
    {
      what: 'longest wait of a timer there (with what else the machine did)',
      value: ms(busy.longestWaitMs),
      limit: '',
      kept: true,
    },
    { what: 'the same, idle', value: ms(idle.longestWaitMs), limit: '', kept: true },
    { what: 'memory added to the process', value: formatBytes(memoryAdded), limit: '', kept: true },
  ];
}

async function measurement(folder: string, files: number): Promise<HostMeasurement> {
  const place = (name: string): string => path.join(folder, name);
  const [root, control, dataDir, extension] = [place('models'), place('control'), place('data'), place('extension')];
  const lake = place('lake');
  for (const made of [control, lake, place('workspace')]) mkdirSync(made, { recursive: true });
  makeManyFiles(root, files);
  await stageExtension(extension);
  const server = await startVscodeServer({
    settings: { 'lakeside.dataDir': dataDir, 'lakeside.local.root': root, 'lakeside.lake.root': lake },
    env: { LAKESIDE_BENCH_CONTROL: control },
  });
  try {
    const workbench = await openWorkbench(
      server.workbenchUrl({
        folder: place('workspace'),
        extensionDevelopmentPath: extension,
        extensionTestsPath: path.join(extension, 'bench', 'index.js'),
      }),
    );
    try {
      await scanned(dataDir, files, () => failed(control));
      writeFileSync(path.join(control, hostSignals.scanned), '');
      await arrival(control, hostSignals.shown);
      if (!failed(control)) await changeFiles(root);
      writeFileSync(path.join(control, hostSignals.changed), '');
      await arrival(control, hostSignals.ready);
      if (!failed(control)) await moveAll(dataDir, () => failed(control));
      writeFileSync(path.join(control, hostSignals.moved), '');
      await arrival(control, hostSignals.result);
    } catch (error) {
      throw new Error(`${String(error)}\n${server.output().slice(-4_000)}`, { cause: error });
    } finally {
      await workbench.close();
    }
  } finally {
    await server.stop();
  }
  const result = hostResultSchema.parse(JSON.parse(readFileSync(path.join(control, hostSignals.result), 'utf8')));
  if ('error' in result) throw new Error(result.error);
  return result;
}

/** The built extension, activated by nothing but the bench, with the bench's own bundle beside it. */
async function stageExtension(target: string): Promise<void> {
  for (const part of ['dist', 'migrations', 'media']) {
    cpSync(path.join(projectDir, part), path.join(target, part), { recursive: true });
  }
  const manifest = manifestSchema.parse(JSON.parse(readFileSync(path.join(projectDir, 'package.json'), 'utf8')));
  const staged = { ...manifest, activationEvents: [] };
  writeFileSync(path.join(target, 'package.json'), JSON.stringify(staged));
  await esbuild.build({
    ...nodeOptions,
    absWorkingDir: projectDir,
    entryPoints: ['test/bench/host/index.ts'],
    outfile: path.join(target, 'bench', 'index.js'),
  });
}

/** Waits until the index holds the root, looking as a second window would: without running any job. */
async function scanned(dataDir: string, files: number, isOver: () => boolean): Promise<void> {
  const database = path.join(dataDir, 'lakeside.db');
  const end = Date.now() + stepTimeoutMs;
  while (!existsSync(database) && !isOver()) await pause(end, 200);
  if (isOver()) return;
  const engine = await createEngine({ dataDir, version: '0.0.0-bench', runQueue: false, watch: false });
  try {
    for (;;) {
      const { roots } = await engine.call('roots.list', {});
      if (isOver() || (roots.every((root) => root.scannedAt !== null) && roots.some((root) => root.files === files)))
        return;
      await pause(end, 500);
    }
  } finally {
    await engine.close();
  }
}

/** Has all files hashed and copied to the Lake, by the engine of VS Code: this one runs no job. */
async function moveAll(dataDir: string, isOver: () => boolean): Promise<void> {
  const engine = await createEngine({ dataDir, version: '0.0.0-bench', runQueue: false, watch: false });
  const ended = async (id: string): Promise<void> => {
    const end = Date.now() + moveTimeoutMs;
    while (!isOver()) {
      const { job } = await engine.call('jobs.get', { id });
      if (job.status === 'failed') throw new Error(job.error?.message ?? `${job.title} failed.`);
      if (job.status === 'succeeded') return;
      await pause(end, 500);
    }
  };
  try {
    const { jobs } = await engine.call('library.scan', { roots: ['local'], hash: true });
    for (const { job } of jobs) await ended(job);
    const { plan } = await engine.call('plans.mirror', { from: 'local', to: 'lake' });
    await ended((await engine.call('plans.apply', { plan })).job);
  } finally {
    await engine.close();
  }
}

/** What a download of some hundred files does to a folder. */
async function changeFiles(root: string): Promise<void> {
  for (let index = 0; index < changedFiles; index++) {
    writeFileSync(path.join(root, 'group 0', `new ${index}.safetensors`), `new ${index}`);
    await pause(Infinity, changeEveryMs);
  }
}

function failed(control: string): boolean {
  return existsSync(path.join(control, hostSignals.result));
}

async function pause(end: number, ms: number): Promise<void> {
  if (Date.now() > end) throw new Error('VS Code did not get that far in four minutes.');
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits for a file of the extension host; its result ends every wait. */
function arrival(control: string, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (!existsSync(path.join(control, name)) && !failed(control)) return;
      end(resolve);
    };
    const watcher = watch(control, look);
    const timer = setTimeout(() => end(() => reject(new Error(`VS Code never came to "${name}".`))), stepTimeoutMs);
    function end(settle: () => void): void {
      clearTimeout(timer);
      watcher.close();
      settle();
    }
    look();
  });
}
