import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { rawCoverageDir } from './coverage.ts';
import { parts } from './parts.ts';
import { type FinishedPart, type Part, runPart } from './runPart.ts';

const { values } = parseArgs({ options: { only: { type: 'string' }, grep: { type: 'string' } } });
const start = performance.now();
const results: FinishedPart[] = [];
// Coverage of an earlier run would hide what this one left out.
if (values.only === undefined) await rm(rawCoverageDir, { recursive: true, force: true });
for (const part of chosenParts()) {
  console.log(`\n── ${part.name} ──`);
  results.push(await runPart(part));
}
printSummary();

function chosenParts(): Part[] {
  const all = parts(values.grep);
  if (values.only === undefined) return all;
  const names = values.only.split(',');
  const unknown = names.filter((name) => !all.some((part) => part.name === name));
  if (unknown.length > 0) {
    console.error(`There is no part ${unknown.join(', ')}; choose of ${all.map(({ name }) => name).join(', ')}.`);
    process.exit(2);
  }
  // Those two run what is in dist/: without a build they would judge an older state.
  if (names.includes('host') || names.includes('browser')) names.push('build');
  return all.filter(({ name }) => names.includes(name));
}

function printSummary(): void {
  console.log('');
  for (const { name, passed, failed, pending, seconds } of results) {
    const leftOut = pending > 0 ? `, ${pending} left out on this system` : '';
    console.log(`${name.padEnd(12)} ${passed} passed, ${failed} failed${leftOut} (${seconds.toFixed(1)} s)`);
  }
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failed = results.reduce((sum, result) => sum + result.failed, 0);
  console.log(`All in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
