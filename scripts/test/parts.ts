import { runHostTests } from '../../test/support/hostTests.ts';
import { runScript } from './command.ts';
import { checkCoverage, rawCoverageDir } from './coverage.ts';
import { mochaPart } from './mochaPart.ts';
import { oneCheck, type Part } from './runPart.ts';

/** Everything `npm test` runs, in order: what is quick and often wrong comes first. */
export function parts(grep: string | undefined): Part[] {
  const measured = { grep, coverageDir: rawCoverageDir };
  return [
    checkPart('types', 'typescript/bin/tsc', ['-p', '.']),
    // No cache: a rule that looks at types may find something in a file that did not change.
    checkPart('lint', 'eslint/bin/eslint.js', ['.', '--max-warnings', '0']),
    checkPart('format', 'prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', '.']),
    mochaPart('unit', measured),
    // The timeout ends what hangs. Coverage on a busy machine makes sound tests several times slower.
    mochaPart('integration', { ...measured, parallel: true, timeoutMs: 60_000 }),
    { name: 'coverage', run: async () => oneCheck(await checkCoverage()) },
    { name: 'build', run: async () => oneCheck((await runScript('scripts/build/main.ts', [])) === 0) },
    { name: 'host', run: () => runHostTests() },
    mochaPart('browser', { grep, timeoutMs: 120_000 }),
  ];
}

function checkPart(name: string, script: string, args: readonly string[]): Part {
  return { name, run: async () => oneCheck((await runScript(`node_modules/${script}`, args)) === 0) };
}
