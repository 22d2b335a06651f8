import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { projectDir } from './projectDir.ts';

const codeServerDir = path.join(projectDir, 'test', 'host', 'server', 'node_modules', 'code-server');
const startTimeoutMs = 60_000;
const stopTimeoutMs = 10_000;

/** Settings every test profile starts from: no trust banner, no welcome page, no chat, nothing from the network. */
const quietSettings: Readonly<Record<string, unknown>> = {
  'security.workspace.trust.enabled': false,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  // As on the desktop: nothing is saved before a person saves it.
  'files.autoSave': 'off',
  'git.enabled': false,
};

export interface VscodeServerOptions {
  /** Further settings, over the quiet ones. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Folder for user data, server data and extensions; kept. Without it a temporary one, removed by `stop`. */
  readonly profileDir?: string;
  /** Added to the environment of the server, and with it of the extension host. */
  readonly env?: Readonly<Record<string, string>>;
  /** VSIX files to install before the start. */
  readonly vsixFiles?: readonly string[];
  /** A port to listen on; 0, the default, takes a free one. */
  readonly port?: number;
}

export interface WorkbenchAddress {
  /** Absolute path of the folder to open. */
  readonly folder: string;
  /** Absolute path of an extension to run from its sources in development. */
  readonly extensionDevelopmentPath?: string;
  /** Absolute path of a bundle that exports `run()`; the extension host runs it and ends. */
  readonly extensionTestsPath?: string;
}

/** A VS Code server of its own: own settings, own extensions, a free port. */
export interface VscodeServer {
  readonly port: number;
  readonly profileDir: string;
  /** What the server has written to its output so far. */
  output(): string;
  /** The address of a workbench in a browser. */
  workbenchUrl(address: WorkbenchAddress): string;
  /** Ends the server and its extension hosts and removes a temporary profile. */
  stop(): Promise<void>;
}

/**
 * Starts a VS Code server and waits until it listens.
 * @throws Error with the server's output when it ends or does not listen within a minute
 */
export async function startVscodeServer(options: VscodeServerOptions = {}): Promise<VscodeServer> {
  if (!existsSync(codeServerDir)) throw new Error('The VS Code server is not installed: run npm test or npm run demo.');
  const profileDir = options.profileDir ?? (await mkdtemp(path.join(tmpdir(), 'lakeside-vscode-')));
  await writeSettings(profileDir, { ...quietSettings, ...options.settings });
  for (const vsixFile of options.vsixFiles ?? []) await installVsix(profileDir, vsixFile);
  const server = spawn(process.execPath, serverArguments(profileDir, options.port ?? 0), {
    env: { ...environmentWithoutCoverage(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: string[] = [];
  const output = (): string => chunks.join('');
  const stop = async (): Promise<void> => {
    await endProcess(server);
    if (options.profileDir === undefined) await rm(profileDir, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const port = await listeningPort(server, chunks);
    return { port, profileDir, output, workbenchUrl: (address) => workbenchUrl(port, address), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function workbenchUrl(port: number, address: WorkbenchAddress): string {
  const remote = (file: string): string => `vscode-remote://127.0.0.1:${port}${posixPath(file)}`;
  const payload: [string, string][] = [];
  if (address.extensionDevelopmentPath !== undefined) {
    payload.push(['extensionDevelopmentPath', remote(address.extensionDevelopmentPath)]);
  }
  if (address.extensionTestsPath !== undefined)
    payload.push(['extensionTestsPath', remote(address.extensionTestsPath)]);
  const query = new URLSearchParams({ folder: posixPath(address.folder), payload: JSON.stringify(payload) });
  return `http://127.0.0.1:${port}/?${query.toString()}`;
}

/** On Windows the server knows C:\x as /c:/x. */
function posixPath(file: string): string {
  const forward = file.replaceAll('\\', '/');
  return forward.startsWith('/') ? forward : `/${forward}`;
}

function profileArguments(profileDir: string): string[] {
  const folder = (name: string): string => path.join(profileDir, name);
  return [
    '--user-data-dir',
    folder('user'),
    '--server-data-dir',
    folder('server'),
    '--extensions-dir',
    folder('extensions'),
  ];
}

function serverArguments(profileDir: string, port: number): string[] {
  return [
    path.join(codeServerDir, 'lib', 'vscode', 'out', 'server-main.js'),
    ...['--host', '127.0.0.1', '--port', String(port), '--without-connection-token', '--accept-server-license-terms'],
    // The page accepts a payload, and so an extension in development, only with this.
    '--enable-smoke-test-driver',
    ...['--telemetry-level', 'off'],
    ...profileArguments(profileDir),
  ];
}

/** Settings of scope "machine" count only from the machine file when the window is a remote one, as it is here. */
async function writeSettings(profileDir: string, settings: Readonly<Record<string, unknown>>): Promise<void> {
  for (const scope of ['User', 'Machine']) {
    const folder = path.join(profileDir, 'user', scope);
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'settings.json'), `${JSON.stringify(settings, null, 2)}\n`);
  }
}

async function installVsix(profileDir: string, vsixFile: string): Promise<void> {
  const main = path.join(codeServerDir, 'lib', 'vscode', 'out', 'server-main.js');
  const args = [main, ...profileArguments(profileDir), '--install-extension', vsixFile];
  const installer = spawn(process.execPath, args, {
    env: environmentWithoutCoverage(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: string[] = [];
  for (const stream of [installer.stdout, installer.stderr]) stream.on('data', (chunk) => chunks.push(String(chunk)));
  const code = await new Promise<number | null>((resolve, reject) => {
    installer.once('error', reject);
    installer.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${vsixFile} could not be installed:\n${chunks.join('')}`);
}

function listeningPort(server: ChildProcess, chunks: string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void => {
      reject(new Error(`The VS Code server ${reason}:\n${chunks.join('')}`));
    };
    const timer = setTimeout(() => fail('did not listen in time'), startTimeoutMs);
    server.once('error', (error) => fail(`could not be started: ${error.message}`));
    server.once('close', () => {
      clearTimeout(timer);
      fail('ended');
    });
    for (const stream of [server.stdout, server.stderr]) {
      stream?.on('data', (chunk) => {
        chunks.push(String(chunk));
        const port = /agent listening on (\d+)/.exec(chunks.join(''))?.[1];
        if (port === undefined) return;
        clearTimeout(timer);
        resolve(Number(port));
      });
    }
  });
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
  await ended;
  clearTimeout(force);
}

/** The extension host runs bundles; coverage is taken from the sources. */
function environmentWithoutCoverage(): NodeJS.ProcessEnv {
  const { NODE_V8_COVERAGE: _, ...environment } = process.env;
  return environment;
}
