import { existsSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { NativeFileName } from '../../src/base/installation.ts';
import { packagesDir } from './paths.ts';
import { currentTarget, type Target, targets } from './targets.ts';

/**
 * Puts the target's native files into <outDir>/native/, where `base/installation.ts` looks for them.
 * @returns the names copied. `blake3.node` exists only where it was compiled, so only for this machine's own target;
 * without it WebAssembly hashes
 */
export async function copyNativeFiles(target: Target, outDir: string): Promise<NativeFileName[]> {
  const sources: Record<NativeFileName, string> = {
    'better-sqlite3.node': `better-sqlite3/prebuilds/${targets[target]}.node`,
    'blake3.wasm': 'blake3-wasm/dist/wasm/blake3.wasm',
    'blake3.node': '@c4312/blake3-native/build/Release/blake3.node',
  };
  const names: NativeFileName[] = ['better-sqlite3.node', 'blake3.wasm'];
  const blake3File = path.join(packagesDir, sources['blake3.node']);
  if (target === currentTarget() && existsSync(blake3File)) names.push('blake3.node');
  const folder = path.join(outDir, 'native');
  await mkdir(folder, { recursive: true });
  await Promise.all(names.map((name) => cp(path.join(packagesDir, sources[name]), path.join(folder, name))));
  return names;
}
