import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { projectNode } from '../../scripts/setUp.mjs';
import { projectDir } from '../support/projectDir.ts';
import type { Comparison } from './comparison.ts';
import { thumbnails } from './thumbnails.ts';
import { output, type Program } from './timedProcess.ts';
import { makeDifferent, makeManyFiles, makeMixedFiles, mixedSizes, modelSizes } from './trees.ts';

const GIB = 1024 ** 3;

export interface Sizes {
  /** Files of each tree that is scanned and compared. */
  readonly files: number;
  readonly hashBytes: number;
  readonly copyBytes: number;
  /** Small files that are copied. */
  readonly smallFiles: number;
  /** Images that get a thumbnail. */
  readonly images: number;
}

export const fullSizes: Sizes = {
  files: 100_000,
  hashBytes: 8 * GIB,
  copyBytes: 2 * GIB,
  smallFiles: 20_000,
  images: 400,
};
export const quickSizes: Sizes = {
  files: 10_000,
  hashBytes: GIB / 2,
  copyBytes: GIB / 4,
  smallFiles: 2_000,
  images: 60,
};

/** A comparison whose files are made when its turn comes, in a folder of its own. */
export interface PlannedComparison {
  readonly key: string;
  make(folder: string): Comparison | Promise<Comparison>;
}

const cli = path.join(projectDir, 'dist', 'cli.js');

function lakeside(dataDir: string, ...args: string[]): Program {
  return { file: projectNode, args: [cli, '--data-dir', dataDir, '--json', ...args] };
}

function runLakeside(dataDir: string, ...args: string[]): string {
  const { file, args: all } = lakeside(dataDir, ...args);
  return output(file, all);
}

/** The comparisons of the table in docs/bench.md, in its order. */
export function plannedComparisons(sizes: Sizes): PlannedComparison[] {
  const files = sizes.files.toLocaleString('en-US');
  return [
    { key: 'scan', make: (folder) => firstScan(folder, sizes, files) },
    { key: 'rescan', make: (folder) => rescan(folder, sizes, files) },
    { key: 'hash', make: (folder) => hash(folder, sizes) },
    { key: 'diff', make: (folder) => diff(folder, sizes, files) },
    { key: 'copy', make: (folder) => copy(folder, sizes) },
    { key: 'small', make: (folder) => copySmall(folder, sizes) },
    { key: 'thumbs', make: (folder) => thumbnails(folder, sizes.images) },
  ];
}

/** A counter in names of folders that must be new for each run. */
function numbered(folder: string, name: string): () => string {
  let number = 0;
  return () => path.join(folder, `${name} ${++number}`);
}

const listing = (root: string): Program => ({
  file: 'rclone',
  args: ['lsf', '-R', '--files-only', '--format', 'pst', root],
});
const listingWords = 'rclone lsf -R --files-only --format pst';

function firstScan(folder: string, sizes: Sizes, files: string): Comparison {
  const root = path.join(folder, 'lake');
  makeManyFiles(root, sizes.files);
  const nextDataDir = numbered(folder, 'data');
  return {
    key: 'scan',
    work: `first scan of ${files} files into the index`,
    peer: 'rclone',
    against: listingWords,
    limit: 1.1,
    prepareOurs() {
      const dataDir = nextDataDir();
      runLakeside(dataDir, 'roots', 'add', 'lake', root);
      return lakeside(dataDir, 'scan', 'lake');
    },
    prepareTheirs: () => listing(root),
  };
}

function rescan(folder: string, sizes: Sizes, files: string): Comparison {
  const root = path.join(folder, 'lake');
  const dataDir = path.join(folder, 'data');
  makeManyFiles(root, sizes.files);
  runLakeside(dataDir, 'roots', 'add', 'lake', root);
  runLakeside(dataDir, 'scan', 'lake');
  return {
    key: 'rescan',
    work: `rescan of ${files} files, unchanged`,
    peer: 'rclone',
    against: listingWords,
    limit: 1,
    prepareOurs: () => lakeside(dataDir, 'scan', 'lake'),
    prepareTheirs: () => listing(root),
  };
}

function hash(folder: string, sizes: Sizes): Comparison {
  const root = path.join(folder, 'lake');
  const files = makeMixedFiles(root, mixedSizes(sizes.hashBytes));
  const nextDataDir = numbered(folder, 'data');
  return {
    key: 'hash',
    work: `hash of ${gibibytes(sizes.hashBytes)} in ${files.length.toLocaleString('en-US')} files of mixed sizes`,
    peer: 'b3sum',
    against: 'b3sum',
    limit: 1.05,
    prepareOurs() {
      const dataDir = nextDataDir();
      // What the last run hashed lies beside the root, and would be believed.
      rmSync(path.join(root, '.lakeside'), { recursive: true, force: true });
      runLakeside(dataDir, 'roots', 'add', 'lake', root);
      return lakeside(dataDir, 'scan', 'lake', '--hash');
    },
    prepareTheirs: () => ({ file: 'b3sum', args: files }),
  };
}

function diff(folder: string, sizes: Sizes, files: string): Comparison {
  const [local, lake, dataDir] = ['local', 'lake', 'data'].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
  ];
  makeManyFiles(local, sizes.files);
  makeManyFiles(lake, sizes.files);
  makeDifferent(lake, sizes.files);
  runLakeside(dataDir, 'roots', 'add', 'local', local);
  runLakeside(dataDir, 'roots', 'add', 'lake', lake);
  runLakeside(dataDir, 'scan');
  return {
    key: 'diff',
    work: `quick diff of two indexed roots of ${files}, one in a hundred different`,
    peer: 'rclone',
    against: 'rclone check --size-only',
    limit: 0.1,
    prepareOurs: () => lakeside(dataDir, 'diff', '--from', 'local', '--to', 'lake'),
    // It ends with 1 when it finds differences, as it has to here.
    prepareTheirs: () => ({ file: 'rclone', args: ['check', '--size-only', local, lake], doneCodes: [1] }),
  };
}

function copy(folder: string, sizes: Sizes): Comparison {
  const local = path.join(folder, 'local');
  const files = makeMixedFiles(local, modelSizes(sizes.copyBytes));
  return {
    key: 'copy',
    work: `verified copy of ${gibibytes(sizes.copyBytes)} in ${files.length} files`,
    limit: 0.5,
    writes: sizes.copyBytes,
    ...copying(folder, local),
  };
}

/** 20 KB each, as previews and notes beside models are. */
const SMALL_BYTES = 20_000;
const SMALL_PER_FOLDER = 200;

function copySmall(folder: string, { smallFiles }: Sizes): Comparison {
  const local = path.join(folder, 'local');
  for (let made = 0; made < smallFiles; made += SMALL_PER_FOLDER) {
    makeMixedFiles(path.join(local, `folder ${made}`), new Array<number>(SMALL_PER_FOLDER).fill(SMALL_BYTES));
  }
  return {
    key: 'small',
    work: `verified copy of ${smallFiles.toLocaleString('en-US')} files of 20 KB`,
    limit: 1,
    writes: smallFiles * SMALL_BYTES,
    ...copying(folder, local),
  };
}

/** Our apply of a mirror beside rclone as it comes; each run copies into a new folder. */
function copying(
  folder: string,
  local: string,
): Pick<Comparison, 'peer' | 'against' | 'prepareOurs' | 'prepareTheirs'> {
  const nextLake = numbered(folder, 'lake');
  const nextDataDir = numbered(folder, 'data');
  // Targets stay until the end: a file system that has just removed files is slow to make new ones.
  const newTarget = (): string => {
    const target = nextLake();
    mkdirSync(target);
    return target;
  };
  return {
    peer: 'rclone',
    against: 'rclone copy',
    prepareOurs() {
      const dataDir = nextDataDir();
      const plan = path.join(folder, 'mirror.lakeplan.json');
      runLakeside(dataDir, 'roots', 'add', 'local', local);
      runLakeside(dataDir, 'roots', 'add', 'lake', newTarget());
      runLakeside(dataDir, 'scan');
      runLakeside(dataDir, 'plan', 'mirror', '--from', 'local', '--to', 'lake', '--out', plan);
      return lakeside(dataDir, 'apply', plan);
    },
    prepareTheirs: () => ({ file: 'rclone', args: ['copy', local, newTarget()] }),
  };
}

function gibibytes(bytes: number): string {
  return bytes >= GIB ? `${bytes / GIB} GiB` : `${bytes / 1024 ** 2} MiB`;
}
