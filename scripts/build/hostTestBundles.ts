import { globSync } from 'node:fs';
import path from 'node:path';
import type { BuildOptions } from 'esbuild';
import type { BuildChoices } from './buildAll.ts';
import { nodeOptions } from './nodeBundles.ts';
import { projectDir } from './paths.ts';

/** The tests that run inside VS Code's extension host, one bundle a file, with mocha from node_modules. */
export function hostTestBundles({ outDir }: BuildChoices): BuildOptions {
  const entryPoints = globSync('test/host/*.ts', { cwd: projectDir });
  return {
    ...nodeOptions,
    absWorkingDir: projectDir,
    entryPoints,
    outbase: 'test/host',
    outdir: path.join(outDir, 'test', 'host'),
    external: ['vscode', 'mocha'],
    sourcemap: 'linked',
  };
}
