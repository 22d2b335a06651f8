import { spawn } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startVscodeServer } from '../../test/support/vscodeServer.ts';
import { projectDir } from '../build/paths.ts';
import { runScript } from '../test/command.ts';
import { makeDemoLibrary } from './demoLibrary.ts';
import { DEMO_COMMANDS, makeDemoStudio } from './demoStudio.ts';

const { values: options } = parseArgs({
  options: {
    'no-open': { type: 'boolean' },
    fresh: { type: 'boolean' },
    server: { type: 'boolean' },
    /** Path of the desktop's `code`, when demo.mjs found one. */
    code: { type: 'string' },
    port: { type: 'string' },
  },
});

const demoDir = path.join(projectDir, '.demo');
const workspaceDir = path.join(demoDir, 'workspace');
const stampFile = path.join(demoDir, 'complete');
const settings = {
  'lakeside.local.root': path.join(demoDir, 'local'),
  'lakeside.lake.root': path.join(demoDir, 'lake'),
  'lakeside.dataDir': path.join(demoDir, 'data'),
  'lakeside.studio.commands': DEMO_COMMANDS,
  'workbench.startupEditor': 'none',
  'chat.disableAIFeatures': true,
};

if ((await runScript('scripts/build/main.ts', [])) === 0) {
  if (options.fresh || !(await isComplete())) await prepare();
  else console.log(`The demo library in ${demoDir} is as you left it; --fresh makes a new one.`);
  if (!options['no-open']) await open();
} else process.exitCode = 1;

async function isComplete(): Promise<boolean> {
  return readFile(stampFile).then(
    () => true,
    () => false,
  );
}

/** Starts over; the stamp comes last, so that a demo broken off half-way is made again. */
async function prepare(): Promise<void> {
  await rm(demoDir, { recursive: true, force: true, maxRetries: 5 });
  const { localRoot, lakeRoot, counts } = await makeDemoLibrary(demoDir);
  const images = await makeDemoStudio(path.join(demoDir, 'data'));
  await mkdir(workspaceDir, { recursive: true });
  await cp(path.join(import.meta.dirname, 'readMe.md'), path.join(workspaceDir, 'Read me.md'));
  await writeFile(stampFile, '');
  const states = Object.entries(counts).map(([state, count]) => `${count} ${state}`);
  console.log(`Local: ${localRoot}\nLake:  ${lakeRoot}\n${states.join(', ')}\nStudio: ${images} images`);
}

async function open(): Promise<void> {
  const profileDir = path.join(demoDir, options.code === undefined ? 'server' : 'desktop');
  const opener = path.join(profileDir, 'extensions', 'lakeside.demo-opener-1.0.0');
  await cp(path.join(import.meta.dirname, 'opener'), opener, { recursive: true });
  await (options.code === undefined ? openServer(profileDir) : openDesktop(profileDir, options.code));
}

async function openDesktop(profileDir: string, code: string): Promise<void> {
  const userDir = path.join(profileDir, 'user');
  await mkdir(path.join(userDir, 'User'), { recursive: true });
  await writeFile(path.join(userDir, 'User', 'settings.json'), `${JSON.stringify(settings, null, 2)}\n`);
  const args = ['--new-window', workspaceDir, '--extensionDevelopmentPath', projectDir, '--user-data-dir', userDir];
  args.push('--extensions-dir', path.join(profileDir, 'extensions'), '--disable-workspace-trust');
  // On Windows `code` is a script, which only a shell can start; its arguments are our own paths.
  const isScript = code.endsWith('.cmd');
  const quoted = isScript ? args.map((arg) => `"${arg}"`) : args;
  spawn(isScript ? `"${code}"` : code, quoted, { detached: true, stdio: 'ignore', shell: isScript }).unref();
  console.log('VS Code is opening with Lakeside in the activity bar.');
}

async function openServer(profileDir: string): Promise<void> {
  const server = await startVscodeServer({ settings, profileDir, port: Number(options.port ?? 0) });
  const url = server.workbenchUrl({ folder: workspaceDir, extensionDevelopmentPath: projectDir });
  console.log(`\nVS Code with Lakeside is open at\n\n  ${url}\n\nCtrl-C ends it.`);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await server.stop();
}
