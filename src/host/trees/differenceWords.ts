import { formatCount, formatQuantity } from '../../base/format.ts';
import type { DiffCounts, DiffState, Root } from '../../protocol/values.ts';
import { type EntryNode, rootLabel, type StateCounts } from './modelNodes.ts';

type Difference = Exclude<DiffState, 'equal'>;

/** How a row differs from the other root, as the editor decorates it. */
export interface Decoration {
  /** One character; a folder has none, since its description counts each of them. */
  readonly badge: string | undefined;
  /** A sentence, without its full stop. */
  readonly tooltip: string;
  /** Id of a theme colour. */
  readonly color: string | undefined;
}

const BADGES: Readonly<Record<Difference, string>> = { missing: '↓', extra: '+', different: '≠', moved: '→' };
/** git's colours: every theme has them, and they mean nearly the same. */
const COLORS: Readonly<Record<Difference, string>> = {
  missing: 'disabledForeground',
  extra: 'gitDecoration.addedResourceForeground',
  different: 'gitDecoration.modifiedResourceForeground',
  moved: 'gitDecoration.renamedResourceForeground',
};

/** The difference of a row in a few words: `only in Lake`, `3 only in Lake, 1 different`; undefined where there is none. */
export function differenceWords(node: EntryNode): string | undefined {
  const { entry, other } = node;
  if (other === undefined) return undefined;
  if (entry.type === 'folder') {
    if (entry.absent) return `only in ${rootLabel(other)}`;
    if (entry.states === undefined) return undefined;
    return stateWords(entry.states, other);
  }
  switch (entry.state) {
    case undefined:
    case 'equal':
      return undefined;
    case 'missing':
      return `only in ${rootLabel(other)}`;
    case 'extra':
      return 'only here';
    case 'different':
      return `differs from ${rootLabel(other)}`;
    case 'moved':
      return `in ${rootLabel(other)}: ${entry.movedFrom ?? 'elsewhere'}`;
  }
}

export function decorationOf(node: EntryNode): Decoration | undefined {
  const words = differenceWords(node);
  if (words === undefined) return undefined;
  const tooltip = words.charAt(0).toUpperCase() + words.slice(1);
  const { entry } = node;
  if (entry.absent) return { badge: BADGES.missing, tooltip, color: COLORS.missing };
  if (entry.type === 'folder') {
    const states = presentStates(entry.states ?? { missing: 0, extra: 0, different: 0, moved: 0 });
    const [first] = states;
    if (first === undefined) return undefined;
    // A folder that is there is not greyed for what it lacks.
    return { badge: undefined, tooltip, color: first[0] === 'missing' ? undefined : COLORS[first[0]] };
  }
  if (entry.state === undefined || entry.state === 'equal') return undefined;
  return { badge: BADGES[entry.state], tooltip, color: COLORS[entry.state] };
}

/** The counts with the badges of the files they count, for a row too short for words: `↓4 +2 ≠7 →3`. */
export function differenceMarks(states: StateCounts): string | undefined {
  const order: readonly Difference[] = ['missing', 'extra', 'different', 'moved'];
  const marks = order
    .filter((state) => states[state] > 0)
    .map((state) => `${BADGES[state]}${formatCount(states[state])}`);
  return marks.length === 0 ? undefined : marks.join(' ');
}

/** `3 only in Lake, 1 different`; undefined where nothing differs. */
export function stateWords(states: StateCounts, other: Root): string | undefined {
  const words = presentStates(states).map(([state, count]) => countWords(state, count, other));
  return words.length === 0 ? undefined : words.join(', ');
}

/** Both directions of a comparison in one sentence. Counts are those of a diff from `from` to `to`. */
export function comparisonSentence(from: Root, to: Root, counts: DiffCounts): string {
  const [left, right] = [rootLabel(from), rootLabel(to)];
  const differences = [
    counts.missing > 0 ? `${formatCount(counts.missing)} only in ${left}` : undefined,
    counts.extra > 0 ? `${formatCount(counts.extra)} only in ${right}` : undefined,
    counts.different > 0 ? `${formatCount(counts.different)} different` : undefined,
    counts.moved > 0 ? `${formatCount(counts.moved)} moved` : undefined,
  ].filter((each) => each !== undefined);
  const equal = formatQuantity(counts.equal, 'file');
  if (differences.length === 0) return `${left} and ${right} hold the same: ${equal}.`;
  return `${left} and ${right} differ: ${differences.join(', ')}. ${equal} ${counts.equal === 1 ? 'is' : 'are'} equal.`;
}

function countWords(state: Difference, count: number, other: Root): string {
  switch (state) {
    case 'missing':
      return `${formatCount(count)} only in ${rootLabel(other)}`;
    case 'extra':
      return `${formatCount(count)} only here`;
    case 'different':
    case 'moved':
      return `${formatCount(count)} ${state}`;
  }
}

/** The states that occur, the one that asks for attention most first. */
function presentStates(states: StateCounts): [Difference, number][] {
  const order: readonly Difference[] = ['different', 'missing', 'extra', 'moved'];
  return order.filter((state) => states[state] > 0).map((state) => [state, states[state]]);
}
