import { readFile } from 'node:fs/promises';
import { z } from 'zod';

/** What test/host/index.ts writes when the tests in the extension host are through. */
const hostTestResultSchema = z.object({
  passed: z.int(),
  failed: z.int(),
  pending: z.int(),
  failures: z.array(z.object({ title: z.string(), error: z.string() })),
});
export type HostTestResult = z.infer<typeof hostTestResultSchema>;

/** @throws Error when the file is missing or is not such a result */
export async function readHostTestResult(file: string): Promise<HostTestResult> {
  return hostTestResultSchema.parse(JSON.parse(await readFile(file, 'utf8')));
}

export function printHostTestResult({ passed, failed, failures }: HostTestResult): void {
  for (const { title, error } of failures) console.error(`\n  ${title}\n${error}`);
  console.log(`  ${passed} passing, ${failed} failing in VS Code's extension host`);
}
