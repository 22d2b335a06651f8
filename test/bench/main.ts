import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runScript } from '../../scripts/test/command.ts';
import { isWithinLimit, measure, type Result } from './comparison.ts';
import { fullSizes, plannedComparisons, quickSizes } from './comparisons.ts';
import { measureGalleryRows } from './galleryBench.ts';
import { measureGrowth } from './growth.ts';
import { measureHost } from './hostBench.ts';
import { measuredTable, machine, resultHead, resultRow, writeReport } from './report.ts';

const { values } = parseArgs({ options: { quick: { type: 'boolean' }, only: { type: 'string' } } });
const HOST = 'in the extension host';
const GALLERY = 'in the Image gallery';
const GROWTH = 'growth from 10,000 to 1,000,000 files';
const growthCounts = [10_000, 100_000, 1_000_000];

const quick = values.quick ?? false;
const only = values.only?.split(',');
const sizes = quick ? quickSizes : fullSizes;
const runs = quick ? 3 : 5;
const isWanted = (key: string): boolean => only === undefined || only.includes(key);

if ((await runScript('scripts/build/main.ts', ['--production'])) !== 0) throw new Error('The build failed.');
const parent = process.env.BENCH_DIR ?? tmpdir();
mkdirSync(parent, { recursive: true });
const folder = mkdtempSync(path.join(parent, 'lakeside-bench-'));
try {
  process.exitCode = (await benchmark()) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Measures, prints each line as it is known, and says whether every limit was kept. */
async function benchmark(): Promise<boolean> {
  const about = machine();
  console.log(`\n${about} Median of ${runs}.\n\n${resultHead.join('\n')}`);
  const results: Result[] = [];
  for (const planned of plannedComparisons(sizes).filter(({ key }) => isWanted(key))) {
    const place = path.join(folder, planned.key);
    mkdirSync(place);
    const result = await measure(await planned.make(place), runs);
    rmSync(place, { recursive: true, force: true });
    results.push(result);
    console.log(resultRow(result, !quick));
    if (result.measurement.state === 'failed') console.error(result.measurement.reason);
  }
  const hostRows = isWanted('host') ? await measureHost(path.join(folder, 'host'), sizes.files) : [];
  if (hostRows.length > 0) console.log(`\n${measuredTable(HOST, hostRows).join('\n')}`);
  const galleryRows = isWanted('gallery') ? await measureGalleryRows(runs) : [];
  if (galleryRows.length > 0) console.log(`\n${measuredTable(GALLERY, galleryRows).join('\n')}`);
  const counts = quick ? growthCounts.slice(0, 2) : growthCounts;
  const growthRows = isWanted('growth') ? await measureGrowth(path.join(folder, 'growth'), counts) : [];
  if (growthRows.length > 0) console.log(`\n${measuredTable(GROWTH, growthRows).join('\n')}`);
  const rows = [...hostRows, ...galleryRows, ...growthRows];
  if (quick || only !== undefined) {
    console.log('\nA quick or partial run: docs/bench.md stays as it is.');
  } else {
    const tables = [
      ...measuredTable(HOST, hostRows),
      '',
      ...measuredTable(GALLERY, galleryRows),
      '',
      ...measuredTable(GROWTH, growthRows),
    ];
    await writeReport([about, '', ...resultHead, ...results.map((result) => resultRow(result, true)), '', ...tables]);
  }
  const failed = results.some(({ measurement }) => measurement.state !== 'measured');
  return !failed && (quick || (results.every(isWithinLimit) && rows.every(({ kept }) => kept)));
}
