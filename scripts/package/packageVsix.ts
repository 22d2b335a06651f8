import { cp, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createVSIX } from '@vscode/vsce';
import { z } from 'zod';
import { buildAll } from '../build/buildAll.ts';
import { projectDir } from '../build/paths.ts';
import type { Target } from '../build/targets.ts';

/** Largest VSIX we ship, in bytes. */
const maxBytes = 15_000_000;

/** All that the packaged extension consists of besides dist/; .vscodeignore says the same to vsce. */
const shippedPaths = ['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE', '.vscodeignore', 'media', 'migrations'];

/**
 * Builds for production in a folder of its own, so that dist/ stays as it is, and packs that.
 * @returns the file written to `outDir` and its size
 * @throws Error in a sentence when the VSIX is too large or the build fails
 */
export async function packageVsix(target: Target, outDir: string): Promise<{ file: string; bytes: number }> {
  const { name, version } = z
    .object({ name: z.string(), version: z.string() })
    .parse(JSON.parse(await readFile(path.join(projectDir, 'package.json'), 'utf8')));
  const file = path.join(outDir, `${name}-${target}-${version}.vsix`);
  const stageDir = await mkdtemp(path.join(tmpdir(), 'lakeside-package-'));
  try {
    await buildAll({ production: true, target, outDir: path.join(stageDir, 'dist') });
    for (const each of shippedPaths) {
      await cp(path.join(projectDir, each), path.join(stageDir, each), { recursive: true });
    }
    await mkdir(outDir, { recursive: true });
    await createVSIX({
      cwd: stageDir,
      packagePath: file,
      target,
      dependencies: false,
      allowMissingRepository: true,
      // Pictures in the README are part of the repository, not of the VSIX, and their links stay as written.
      rewriteRelativeLinks: false,
    });
  } finally {
    await rm(stageDir, { recursive: true, force: true });
  }
  const { size } = await stat(file);
  if (size > maxBytes) throw new Error(`${file} has ${size} bytes, more than ${maxBytes}: look at what dist/ holds.`);
  return { file, bytes: size };
}
