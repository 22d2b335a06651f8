#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

import { readDiffArguments } from './diffArguments.ts';
import { nodeProblem } from './nodeProblem.ts';

/**
 * The command line's entry. It loads nothing but the check of Node until that has passed: the database's binary can
 * crash an older Node without a message.
 */
async function start(): Promise<void> {
  const problem = nodeProblem(process.versions);
  if (problem === undefined) {
    // Compiled code is kept between runs; a whole `lakeside diff` is short enough for that to show.
    enableCompileCache();
    const args = process.argv.slice(2);
    const diff = readDiffArguments(args);
    if (diff !== undefined) {
      const { runQuickDiff } = await import('./quickDiff.ts');
      const exitCode = await runQuickDiff(diff);
      if (exitCode !== undefined) {
        process.exitCode = exitCode;
        return;
      }
    }
    // They start beside the rest of the program, which takes as long to load as they do.
    const { startThreads } = await import('./startThreads.ts');
    const threads = startThreads(args);
    const { runProcess } = await import('./runProcess.ts');
    await runProcess(threads);
    return;
  }
  const { code, category, message } = problem;
  if (process.argv.includes('--json')) console.log(JSON.stringify({ error: { code, category, message } }));
  else console.error(message);
  process.exitCode = 3;
}

void start();
