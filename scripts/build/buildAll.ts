import { rm } from 'node:fs/promises';
import path from 'node:path';
import * as esbuild from 'esbuild';
import { hostTestBundles } from './hostTestBundles.ts';
import { copyNativeFiles } from './nativeFiles.ts';
import { cliBundle, nodeBundles } from './nodeBundles.ts';
import { projectDir } from './paths.ts';
import { copySharpPackages } from './sharpPackages.ts';
import type { Target } from './targets.ts';
import { webviewBundles } from './webviewBundles.ts';

export interface BuildChoices {
  /** For the VSIX: minified, without source maps and tests. */
  readonly production: boolean;
  readonly target: Target;
  /** Absolute path of the folder to make; what is in it is removed. */
  readonly outDir: string;
}

/**
 * Builds everything once.
 * @throws Error whose message names each error with its place
 */
export async function buildAll(choices: BuildChoices): Promise<void> {
  const start = performance.now();
  const { options, native } = await prepare(choices);
  await Promise.all(options.map(buildOnce));
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const folder = path.relative(projectDir, choices.outDir);
  console.log(`Built ${folder} for ${choices.target} with ${native.join(', ')} in ${seconds} s`);
}

/** Builds everything, and again whatever changes, until the process ends. */
export async function watchAll(choices: BuildChoices): Promise<void> {
  const { options } = await prepare(choices);
  const contexts = await Promise.all(options.map((each) => esbuild.context({ ...each, logLevel: 'info' })));
  await Promise.all(contexts.map((context) => context.watch()));
}

async function prepare(choices: BuildChoices): Promise<{ options: esbuild.BuildOptions[]; native: string[] }> {
  await rm(choices.outDir, { recursive: true, force: true });
  const native = [
    ...(await copyNativeFiles(choices.target, choices.outDir)),
    ...(await copySharpPackages(choices.target, choices.outDir)),
  ];
  const options = [nodeBundles(choices), cliBundle(choices), webviewBundles(choices)];
  if (!choices.production) options.push(hostTestBundles(choices));
  return { options, native };
}

async function buildOnce(options: esbuild.BuildOptions): Promise<void> {
  try {
    const { warnings } = await esbuild.build(options);
    for (const text of await esbuild.formatMessages(warnings, { kind: 'warning' })) console.error(text);
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    // esbuild's own message stops at the fifth error.
    const texts = await esbuild.formatMessages(error.errors, { kind: 'error' });
    throw new Error(texts.join('').trimEnd(), { cause: error });
  }
}

function isBuildFailure(error: unknown): error is esbuild.BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors);
}
