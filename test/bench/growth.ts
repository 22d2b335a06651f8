import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { projectNode } from '../../scripts/setUp.mjs';
import { projectDir } from '../support/projectDir.ts';
import { peakOf } from './peakMemory.ts';
import type { MeasuredRow } from './report.ts';
import { indexLake } from './indexLake.ts';
import { makeManyFiles } from './trees.ts';

const MIB = 1024 ** 2;
/** No process may take more. */
const LIMIT_BYTES = 1024 * MIB;
/** Ten times the files may take so many times as long. Under ten is linear; the rest is what a machine wavers by. */
const LIMIT_FACTOR = 15;

interface Measurement {
  readonly ms: number;
  readonly peakBytes: number;
}

/** How long the work takes and how much memory its process, for each number of files; every number makes a row. */
export async function measureGrowth(folder: string, counts: readonly number[]): Promise<MeasuredRow[]> {
  const works = new Map<string, Measurement[]>();
  const note = (work: string, measured: Measurement): void => {
    works.set(work, [...(works.get(work) ?? []), measured]);
    console.error(`${work}: ${seconds(measured)}, ${megabytes(measured)}`);
  };
  for (const count of counts) {
    const place = path.join(folder, String(count));
    const [local, lake, dataDir] = ['local', 'lake', 'data'].map((name) => path.join(place, name)) as [
      string,
      string,
      string,
    ];
    mkdirSync(lake, { recursive: true });
    makeManyFiles(local, count);
    const lakeside = (...args: string[]): Promise<Measurement> =>
      peakOf({
        file: projectNode,
        args: [path.join(projectDir, 'dist', 'cli.js'), '--data-dir', dataDir, '--json', ...args],
      });
    await lakeside('roots', 'add', 'local', local);
    await lakeside('roots', 'add', 'lake', lake);
    await lakeside('scan', 'lake');
    note('first scan', await lakeside('scan', 'local'));
    note('rescan, unchanged', await lakeside('scan', 'local'));
    note('diff with an empty root, every item', await lakeside('diff', '--from', 'local', '--to', 'lake'));
    note(
      'plan of a step a file: made and written to a file',
      await lakeside(
        'plan',
        'mirror',
        '--from',
        'local',
        '--to',
        'lake',
        '--out',
        path.join(place, 'all.lakeplan.json'),
      ),
    );
    note(
      'that plan opened, paged, sorted, unticked and saved, the tree shown',
      await peakOf({
        file: projectNode,
        args: [path.join(projectDir, 'test', 'bench', 'planAtSize.ts'), dataDir, path.join(place, 'all.lakeplan.json')],
      }),
    );
    indexLake(dataDir);
    note('diff with a root that differs in every hundredth', await lakeside('diff', '--from', 'local', '--to', 'lake'));
    indexLake(dataDir, { moved: true });
    note('diff with a root where every file has moved', await lakeside('diff', '--from', 'local', '--to', 'lake'));
  }
  return [...works].map(([work, measured]) => rowOf(work, measured, counts));
}

function rowOf(work: string, measured: readonly Measurement[], counts: readonly number[]): MeasuredRow {
  const [last, before] = [measured.at(-1), measured.at(-2)];
  const factor = last === undefined || before === undefined ? NaN : last.ms / before.ms;
  const most = Math.max(...measured.map(({ peakBytes }) => peakBytes));
  const each = counts.map((_, index) => {
    const one = measured[index];
    return one === undefined ? '' : `${seconds(one)}, ${megabytes(one)}`;
  });
  return {
    what: work,
    value: `${each.join('; ')}; ×${factor.toFixed(1)}`,
    limit: `×${LIMIT_FACTOR}, ${LIMIT_BYTES / MIB} MiB`,
    kept: most <= LIMIT_BYTES && !(factor > LIMIT_FACTOR),
  };
}

function seconds({ ms }: Measurement): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}

function megabytes({ peakBytes }: Measurement): string {
  return `${Math.round(peakBytes / MIB)} MiB`;
}
