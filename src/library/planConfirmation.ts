import { formatCount, formatQuantity } from '../base/format.ts';
import { rootTitle } from '../base/rootTitle.ts';

/** What a plan takes away from one root. */
export interface RootRemovals {
  /** The root's name. */
  readonly root: string;
  /** Files that are deleted, and files another takes the place of. */
  readonly deletes: number;
  readonly replaces: number;
  /** Files the index holds of the root. */
  readonly files: number;
}

/** The setting `plan.maxDelete`: files, and per cent of the files of a root. */
export interface MaxDelete {
  readonly count: number;
  readonly percent: number;
}

export interface PlanConfirmation {
  readonly deletes: number;
  readonly replaces: number;
  readonly files: number;
  /** What the plan takes away, in words and numbers. */
  readonly question: string;
}

/** So few can be read one by one in the preview, whatever share of a small root they are. */
const ALWAYS_FEW = 20;

/** What a person must confirm before a plan that takes this away is applied; undefined where it is within the limits. */
export function planConfirmation(roots: readonly RootRemovals[], limit: MaxDelete): PlanConfirmation | undefined {
  const over = roots.filter((root) => isOver(root, limit));
  if (over.length === 0) return undefined;
  const sum = (of: (root: RootRemovals) => number): number => roots.reduce((total, root) => total + of(root), 0);
  const changed = roots.filter((root) => removed(root) > 0);
  return {
    deletes: sum(({ deletes }) => deletes),
    replaces: sum(({ replaces }) => replaces),
    files: changed.reduce((total, { files }) => total + files, 0),
    question: `This plan ${changed.map(describe).join('; it ')}.`,
  };
}

function removed({ deletes, replaces }: RootRemovals): number {
  return deletes + replaces;
}

function isOver(root: RootRemovals, { count, percent }: MaxDelete): boolean {
  const all = removed(root);
  return all > count || (all >= ALWAYS_FEW && all * 100 > percent * root.files);
}

/** `deletes 1,204 files and replaces 310 in Lake, 31 % of its 4,880 files` */
function describe(root: RootRemovals): string {
  const { deletes, replaces, files } = root;
  const parts = [
    deletes === 0 ? undefined : `deletes ${formatQuantity(deletes, 'file')}`,
    replaces === 0 ? undefined : `replaces ${deletes === 0 ? formatQuantity(replaces, 'file') : formatCount(replaces)}`,
  ].filter((part) => part !== undefined);
  const share =
    files === 0 ? '' : `, ${formatShare((removed(root) / files) * 100)} of its ${formatQuantity(files, 'file')}`;
  return `${parts.join(' and ')} in ${rootTitle(root.root)}${share}`;
}

function formatShare(percent: number): string {
  if (percent >= 10) return `${Math.round(percent)} %`;
  return percent < 0.1 ? 'less than 0.1 %' : `${percent.toFixed(1)} %`;
}
