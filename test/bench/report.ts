import { readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as prettier from 'prettier';
import { findProgram } from '../../scripts/setUp.mjs';
import { projectDir } from '../support/projectDir.ts';
import { isWithinLimit, ratioOf, type Result } from './comparison.ts';
import { median, output } from './timedProcess.ts';

const documentFile = path.join(projectDir, 'docs', 'bench.md');
const START = '<!-- results: written by npm run bench -->';
const END = '<!-- end of results -->';

/** A line of what is measured without a peer. */
export interface MeasuredRow {
  readonly what: string;
  readonly value: string;
  readonly limit: string;
  readonly kept: boolean;
}

/** One comparison as a line of the table. */
export function resultRow(result: Result, judged: boolean): string {
  const { comparison, measurement } = result;
  const { work, peer, against, limit } = comparison;
  const row = (...cells: string[]): string => `| ${cells.join(' | ')} |`;
  if (measurement.state === 'peer missing') {
    return row(work, `\`${against}\``, '', '', '', String(limit), `not measured: ${peer} is missing`);
  }
  if (measurement.state === 'failed') return row(work, `\`${against}\``, '', '', '', String(limit), 'failed');
  const verdict = judged ? (isWithinLimit(result) ? 'kept' : '**missed**') : 'not judged';
  const [ours, theirs] = [measurement.oursMs, measurement.theirsMs].map(median);
  return row(
    work,
    `\`${against}\``,
    seconds(ours),
    seconds(theirs),
    ratioOf(result)?.toFixed(2) ?? '',
    String(limit),
    verdict,
  );
}

export const resultHead: readonly string[] = [
  '| work | against | ours | theirs | ratio | at most | |',
  '|---|---|--:|--:|--:|--:|---|',
];

function seconds(ms: number | undefined): string {
  return ms === undefined ? '' : `${(ms / 1000).toFixed(2)} s`;
}

export function measuredTable(where: string, rows: readonly MeasuredRow[]): string[] {
  return [
    `| ${where} | measured | at most | |`,
    '|---|--:|--:|---|',
    ...rows.map(
      ({ what, value, limit, kept }) => `| ${what} | ${value} | ${limit} | ${kept ? 'kept' : '**missed**'} |`,
    ),
  ];
}

/** The machine and the versions, without which a number says little. */
export function machine(): string {
  const [cpu] = os.cpus();
  const tools = [
    `Node ${process.versions.node}`,
    toolVersion('rclone', ['version']),
    toolVersion('b3sum', ['--version']),
    toolVersion('vipsthumbnail', ['--vips-version']),
  ];
  const size = `${os.availableParallelism()} cores (${cpu?.model.trim() ?? 'unknown'}), ${Math.round(os.totalmem() / 1024 ** 3)} GiB of memory`;
  return `${new Date().toISOString().slice(0, 10)}, ${os.type()} on ${size}; ${tools.join(', ')}.`;
}

function toolVersion(name: string, args: readonly string[]): string {
  if (findProgram(name) === undefined) return `${name} missing`;
  const [line = name] = output(name, args).split('\n');
  return line.trim();
}

/** Puts the results into docs/bench.md, between its two marks. */
export async function writeReport(lines: readonly string[]): Promise<void> {
  const text = await readFile(documentFile, 'utf8');
  const [before, rest] = text.split(START);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error(`docs/bench.md has lost its marks ${START} … ${END}.`);
  const filled = `${before}${START}\n\n${lines.join('\n')}\n\n${END}${after}`;
  const options = await prettier.resolveConfig(documentFile);
  await writeFile(documentFile, await prettier.format(filled, { ...options, parser: 'markdown' }));
}
