import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Files outside our own code that must lie beside it. */
export type NativeFileName = 'better-sqlite3.node' | 'blake3.node' | 'blake3.wasm';

/** The module this code runs in: this file from source, one of the bundles in dist/ otherwise. */
const thisFile = fileURLToPath(import.meta.url);
const fromSource = thisFile.endsWith('.ts');

/** Absolute path of the installation: the folder that holds `migrations/`. */
export const installationDir: string = nearestAncestorWith('migrations');

/** Absolute path of the folder of numbered SQL migrations. */
export const migrationsDir: string = path.join(installationDir, 'migrations');

/**
 * Absolute path of the module that a worker thread runs.
 * @param module its path below src/, without extension: `library/scanWorker`, `engine`
 */
export function workerFile(module: string): string {
  return fromSource
    ? path.join(installationDir, 'src', ...`${module}.ts`.split('/'))
    : path.join(installationDir, 'dist', `${path.posix.basename(module)}.js`);
}

/** Absolute path of the command line's entry, for a process of its own. */
export const commandLineFile: string = fromSource
  ? path.join(installationDir, 'src', 'cli', 'main.ts')
  : path.join(installationDir, 'dist', 'cli.js');

/** Absolute path where a native file belongs; it need not exist (`blake3.node` exists only where it was compiled). */
export function nativeFile(name: NativeFileName): string {
  if (!fromSource) return path.join(installationDir, 'dist', 'native', name);
  return path.join(installationDir, 'node_modules', ...packageFile[name]().split('/'));
}

/**
 * Loads a native addon into this thread.
 * @returns the addon's exports, unchecked
 * @throws what the system says when the file is missing or made for another platform
 */
export function loadNativeFile(name: NativeFileName): unknown {
  const load: (file: string) => unknown = createRequire(import.meta.url);
  return load(nativeFile(name));
}

const packageFile: Record<NativeFileName, () => string> = {
  'better-sqlite3.node': () => `better-sqlite3/prebuilds/${prebuiltPlatform()}-${process.arch}.node`,
  'blake3.node': () => '@c4312/blake3-native/build/Release/blake3.node',
  'blake3.wasm': () => 'blake3-wasm/dist/wasm/blake3.wasm',
};

function prebuiltPlatform(): string {
  return process.platform === 'linux' && existsSync('/etc/alpine-release') ? 'linuxmusl' : process.platform;
}

function nearestAncestorWith(folder: string): string {
  const start = path.dirname(thisFile);
  for (let dir = start; dir !== path.dirname(dir); dir = path.dirname(dir)) {
    if (existsSync(path.join(dir, folder))) return dir;
  }
  // Nothing works without the migrations; the store says so in a sentence when it opens.
  return path.dirname(start);
}
