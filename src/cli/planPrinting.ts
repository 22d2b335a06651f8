import { formatBytes, formatCount } from '../base/format.ts';
import type { ExpectedFile, PlanHeader } from '../protocol/planFile.ts';
import { replacesFile } from '../protocol/planTotals.ts';
import type { UseCaseOutput } from '../protocol/useCases.ts';
import { formatTable, printable } from './table.ts';

type PlanStep = UseCaseOutput<'plans.page'>['items'][number];
type PlanInfo = UseCaseOutput<'plans.info'>;

const RIGHT = { title: '', align: 'right' } as const;

/** What a plan does, in counts and bytes: of each root where it may change both. */
export function formatSummary({ header, replaces, sides }: PlanInfo): string {
  const { kind, from, to, summary } = header;
  if (kind === 'evict') {
    const { count, bytes } = summary.delete;
    return `free ${formatCount(count)} ${count === 1 ? 'file' : 'files'}, ${formatBytes(bytes)}; removed from ${to.root} for good, kept by ${from.root}\n`;
  }
  const row = (word: string, { count, bytes }: { readonly count: number; readonly bytes: number }): string[] => [
    word,
    formatCount(count),
    formatBytes(bytes),
  ];
  const replaced = (count: number): string[][] => (count === 0 ? [] : [['  replacing a file', formatCount(count), '']]);
  const copies =
    sides === undefined
      ? [row('copy', summary.copy), ...replaced(replaces)]
      : [
          row(`copy to ${to.root}`, sides.to.copy),
          ...replaced(sides.to.replaces),
          row(`copy to ${from.root}`, sides.from.copy),
          ...replaced(sides.from.replaces),
        ];
  return formatTable(
    [{ title: '' }, RIGHT, RIGHT],
    [
      ...copies,
      row('move', summary.move),
      row('delete', summary.delete),
      ...(summary.conflict === undefined ? [] : [row('conflict', summary.conflict)]),
    ],
  );
}

export function formatSteps(header: PlanHeader, steps: readonly PlanStep[]): string {
  return formatTable(
    [{ title: '' }, RIGHT, { title: '' }],
    steps.map((step) => [stepWord(header, step), formatBytes(step.bytes), stepName(header, step)]),
  );
}

function stepWord({ kind, from, to }: PlanHeader, step: PlanStep): string {
  if (step.direction === 'undecided') return 'conflict';
  if (kind === 'evict') return 'free';
  const word = replacesFile(step) ? 'replace' : step.op;
  if (kind !== 'both' && kind !== 'undo') return word;
  const { root } = step.direction === 'reverse' ? from : to;
  return `${word} ${word === 'copy' ? 'to' : 'in'} ${root}`;
}

function stepName({ from, to }: PlanHeader, { path, movedFrom, direction, trashed, expect }: PlanStep): string {
  if (trashed !== undefined) return `${printable(path)} (out of the trash)`;
  if (direction === 'undecided') {
    return movedFrom === undefined
      ? `${printable(path)}  (${from.root}: ${stateOf(expect.from)}; ${to.root}: ${stateOf(expect.to)})`
      : `${printable(path)} in ${from.root}, ${printable(movedFrom)} in ${to.root}`;
  }
  if (movedFrom === undefined) return printable(path);
  const names = [printable(movedFrom), printable(path)];
  return (direction === 'reverse' ? names.reverse() : names).join(' → ');
}

function stateOf(file: ExpectedFile | null): string {
  if (file === null) return 'nothing';
  return `${formatBytes(file.size)}, ${new Date(file.mtimeMs).toISOString().slice(0, 16).replace('T', ' ')}`;
}
