import { globSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import ts from 'typescript';
import { z } from 'zod';
import { projectDir } from '../build/paths.ts';
import { runScript } from './command.ts';

/** Least share of lines and of branches that the tests must have run, in percent. */
const leastPercent = 80;
export const coverageDir: string = path.join(projectDir, 'coverage');
export const rawCoverageDir: string = path.join(coverageDir, 'raw');

const shareSchema = z.object({ total: z.number(), covered: z.number(), pct: z.number() });
const summarySchema = z.record(z.string(), z.object({ lines: shareSchema, branches: shareSchema }));

/**
 * Prints the coverage of src/ outside src/host/ and src/extension.ts, which the tests in VS Code run as bundles.
 * @returns whether lines and branches reach the least share
 */
export async function checkCoverage(): Promise<boolean> {
  const code = await runScript('node_modules/c8/bin/c8.js', [
    'report',
    ...['--temp-directory', rawCoverageDir, '--reports-dir', coverageDir],
    ...['--all', '--src', 'src', '--include', 'src/**/*.ts', '--extension', '.ts'],
    ...['src/host/**', 'src/extension.ts', ...typeOnlyFiles()].flatMap((each) => ['--exclude', each]),
    ...['--reporter', 'html', '--reporter', 'json-summary'],
  ]);
  if (code !== 0) return false;
  const json: unknown = JSON.parse(await readFile(path.join(coverageDir, 'coverage-summary.json'), 'utf8'));
  const { total, ...files } = summarySchema.parse(json);
  if (total === undefined || total.lines.total === 0) throw new Error('The coverage report holds no file of src/.');
  for (const [file, { lines, branches }] of Object.entries(files)) {
    if (Math.min(lines.pct, branches.pct) >= leastPercent) continue;
    const name = path.relative(projectDir, file);
    console.log(`  ${name}: ${lines.pct} % of ${lines.total} lines, ${branches.pct} % of ${branches.total} branches`);
  }
  console.log(`Coverage of src/ outside host/: lines ${total.lines.pct} %, branches ${total.branches.pct} %`);
  const isGood = total.lines.pct >= leastPercent && total.branches.pct >= leastPercent;
  if (!isGood) console.error(`At least ${leastPercent} % of both is asked for.`);
  return isGood;
}

/** Files of which nothing is left at run time: no test can run them. */
function typeOnlyFiles(): string[] {
  const compilerOptions = { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext, removeComments: true };
  return globSync('src/**/*.ts', { cwd: projectDir }).filter((file) => {
    const text = readFileSync(path.join(projectDir, file), 'utf8');
    return ts.transpileModule(text, { compilerOptions }).outputText.replace('export {};', '').trim() === '';
  });
}
