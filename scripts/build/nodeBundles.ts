import type { BuildOptions } from 'esbuild';
import type { BuildChoices } from './buildAll.ts';
import { projectDir } from './paths.ts';

/** Bundle in dist/ → its entry in the project. Worker entries keep their base name: `workerFile` relies on it. */
const entries: Record<string, string> = {
  extension: 'src/extension.ts',
  engine: 'src/engine.ts',
  scanWorker: 'src/library/scanWorker.ts',
  ioWorker: 'src/library/ioWorker.ts',
  imageWorker: 'src/studio/imageWorker.ts',
  commandRunner: 'src/studio/providers/command/commandRunner.ts',
  commandLine: 'src/cli/runProcess.ts',
  quickDiff: 'src/cli/quickDiff.ts',
};
/** The command line's entry checks Node and turns the compile cache on, then loads one of the two bundles above. */
const cliEntry = 'src/cli/main.ts';

/** Options shared by all that runs in Node: VS Code 1.101, the oldest supported, has Node 22. */
export const nodeOptions = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node22',
  external: ['vscode'],
  // CommonJS has no import.meta; this makes the one use of it, in base/installation.ts, true for the bundle's file.
  // zod looks for a browser's `navigator`, which VS Code reports as an error of whoever reads it in its extension host.
  define: { 'import.meta.url': 'moduleUrlOfBundle', navigator: 'undefined' },
  banner: { js: 'const moduleUrlOfBundle = require("node:url").pathToFileURL(__filename).href;' },
  logLevel: 'silent',
} as const satisfies BuildOptions;

/** The command line's entry. Apart from the rest, so that the rest is loaded after the compile cache is on. */
export function cliBundle({ production, outDir }: BuildChoices): BuildOptions {
  return {
    ...nodeOptions,
    absWorkingDir: projectDir,
    entryPoints: { cli: cliEntry },
    outdir: outDir,
    minify: production,
    // A CommonJS file loads quicker by require() than through the loader of modules.
    supported: { 'dynamic-import': false },
    plugins: [
      {
        name: 'the rest of the command line',
        setup(build) {
          build.onResolve({ filter: /\/runProcess\.ts$/ }, () => ({ path: './commandLine.js', external: true }));
          build.onResolve({ filter: /\/quickDiff\.ts$/ }, () => ({ path: './quickDiff.js', external: true }));
        },
      },
    ],
    sourcemap: production ? false : 'linked',
  };
}

/** The extension, its engine and workers, and what the command line loads. */
export function nodeBundles({ production, outDir }: BuildChoices): BuildOptions {
  return {
    ...nodeOptions,
    absWorkingDir: projectDir,
    entryPoints: entries,
    outdir: outDir,
    minify: production,
    // A stack trace that a user sends should name our functions.
    keepNames: production,
    sourcemap: production ? false : 'linked',
  };
}
