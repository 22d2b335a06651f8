import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { breakingChanges, contractDocument, contractRecords, type ContractRecords } from './contractDocument.ts';

/** Writes docs/contract.md and the golden file; refuses a change that breaks callers under its old version. */
const projectDir = path.join(import.meta.dirname, '..', '..');
const golden = path.join(projectDir, 'test', 'support', 'contracts.json');
const records = contractRecords();
if (existsSync(golden)) {
  const broken = breakingChanges(JSON.parse(readFileSync(golden, 'utf8')) as ContractRecords, records);
  if (broken.length > 0) {
    process.stderr.write(`${broken.join('\n')}\n`);
    process.exit(1);
  }
}
writeFileSync(golden, `${JSON.stringify(records, undefined, 1)}\n`);
writeFileSync(path.join(projectDir, 'docs', 'contract.md'), contractDocument());
