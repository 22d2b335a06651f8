import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Mocha from 'mocha';

/** What the test run hands to whoever started it, as JSON in the file named by LAKESIDE_TEST_RESULT. */
interface HostTestResult {
  passed: number;
  failed: number;
  pending: number;
  failures: { title: string; error: string }[];
}

/**
 * VS Code calls this in its extension host. Runs every *.test.js beside this bundle.
 * @throws Error when a test failed, or none was found
 */
export async function run(): Promise<void> {
  const result: HostTestResult = { passed: 0, failed: 0, pending: 0, failures: [] };
  try {
    await runMocha(result);
  } catch (error) {
    result.failed += 1;
    result.failures.push({ title: 'loading the tests', error: textOf(error) });
  }
  writeResult(result);
  if (result.failed > 0) throw new Error(result.failures.map(({ title, error }) => `${title}\n${error}`).join('\n\n'));
}

async function runMocha(result: HostTestResult): Promise<void> {
  const files = readdirSync(__dirname).filter((name) => name.endsWith('.test.js'));
  if (files.length === 0) throw new Error(`There is no *.test.js in ${__dirname}`);
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, forbidOnly: true, reporter: 'min' });
  for (const file of files) mocha.addFile(path.join(__dirname, file));
  await new Promise<void>((resolve) => {
    mocha
      .run(() => resolve())
      .on('pass', () => (result.passed += 1))
      .on('pending', () => (result.pending += 1))
      .on('fail', (test, error) => {
        result.failed += 1;
        result.failures.push({ title: test.fullTitle(), error: textOf(error) });
      });
  });
  if (result.passed + result.failed === 0) throw new Error('The files hold no test that ran.');
}

/** Written beside and renamed, so that the reader never sees half a file. */
function writeResult(result: HostTestResult): void {
  const file = process.env.LAKESIDE_TEST_RESULT;
  if (file === undefined) return;
  writeFileSync(`${file}.partial`, JSON.stringify(result));
  renameSync(`${file}.partial`, file);
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
