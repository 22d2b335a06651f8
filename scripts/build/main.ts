import { rm } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import * as esbuild from 'esbuild';
import { hostTestBundles } from './hostTestBundles.ts';
import { copyNativeFiles } from './nativeFiles.ts';
import { nodeBundles } from './nodeBundles.ts';
import { distDir, projectDir } from './paths.ts';
import { currentTarget, parseTarget } from './targets.ts';
import { webviewBundles } from './webviewBundles.ts';

const { values } = parseArgs({
  options: { watch: { type: 'boolean' }, production: { type: 'boolean' }, target: { type: 'string' } },
});
const production = values.production ?? false;
const target = values.target === undefined ? currentTarget() : parseTarget(values.target);

try {
  const start = performance.now();
  await rm(distDir, { recursive: true, force: true });
  const native = await copyNativeFiles(target);
  const options = [nodeBundles(production), webviewBundles(production)];
  if (!production) options.push(hostTestBundles());
  if (values.watch) await watch(options);
  else await Promise.all(options.map(buildOnce));
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`Built ${path.relative(projectDir, distDir)}/ for ${target} with ${native.join(', ')} in ${seconds} s`);
} catch (error) {
  // esbuild's message names each error with its place.
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function buildOnce(options: esbuild.BuildOptions): Promise<void> {
  const { warnings } = await esbuild.build(options);
  for (const text of await esbuild.formatMessages(warnings, { kind: 'warning' })) console.error(text);
}

async function watch(options: esbuild.BuildOptions[]): Promise<void> {
  const contexts = await Promise.all(options.map((each) => esbuild.context({ ...each, logLevel: 'info' })));
  await Promise.all(contexts.map((context) => context.watch()));
}
