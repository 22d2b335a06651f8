import { formatBytes, formatCount, formatQuantity } from '../../src/base/format.ts';
import { rootTitle } from '../../src/base/rootTitle.ts';
import type { PlanFilter, PlanRow } from '../../src/protocol/contracts/plans.ts';
import type { UseCaseOutput } from '../../src/protocol/useCases.ts';
import {
  type ApplySummary,
  type Job,
  PLAN_OPS,
  type PlanOp,
  type Root,
  STEP_STATUSES,
  type StepStatus,
} from '../../src/protocol/values.ts';
import type { TickState } from '../shared/tick.tsx';
import { changesBoth } from './planKinds.ts';

/** What the Plan panel shows and says, as functions of data. */

export type PlanInfo = UseCaseOutput<'plans.info'>;
/** What a plan changes in one of two roots. */
export type PlanSide = NonNullable<PlanInfo['sides']>['from'];
export type Space = UseCaseOutput<'roots.space'>;

export type PlanPhase = 'review' | 'queued' | 'running' | 'over';

/** A job whose history was cleared is gone, but what it did still shows. */
export function planPhase(info: PlanInfo, job: Job | undefined): PlanPhase {
  if (job === undefined) return info.progress === undefined ? 'review' : 'over';
  switch (job.status) {
    case 'queued':
    case 'waiting':
    case 'paused':
      return 'queued';
    case 'running':
      return 'running';
    case 'succeeded':
    case 'failed':
    case 'canceled':
      return 'over';
  }
}

/** Totals of every step in the plan; the seal may cover fewer. */
export function allSteps(info: PlanInfo): PlanInfo['ticked'] {
  return info.all ?? info.header.summary;
}

export function stepCount(totals: PlanInfo['ticked']): number {
  return totals.copy.count + totals.move.count + totals.delete.count;
}

/** Every step there is, whatever it waits for. */
export function planLength(info: PlanInfo): number {
  return stepCount(allSteps(info)) + openConflicts(info);
}

/** Steps that wait for the person to say which side stays; they are in no other total. */
export function openConflicts(info: PlanInfo): number {
  return allSteps(info).conflict?.count ?? 0;
}

export interface GridFilter {
  readonly ops: readonly PlanOp[];
  readonly statuses: readonly StepStatus[];
  readonly text: string;
  /** Only conflicts that are not decided. */
  readonly undecided: boolean;
}

export const NO_FILTER: GridFilter = { ops: [], statuses: [], text: '', undecided: false };

/** An empty choice means all. */
export function toPlanFilter(filter: GridFilter): PlanFilter {
  const text = filter.text.trim();
  return {
    ...(filter.ops.length === 0 ? {} : { ops: [...filter.ops], undecided: false }),
    // Open conflicts are skipped by their status, and shown by a choice of their own.
    ...(filter.statuses.length === 0 ? {} : { statuses: [...filter.statuses], undecided: false }),
    ...(filter.undecided ? { undecided: true } : {}),
    ...(text === '' ? {} : { text: text.slice(0, 1_000) }),
  };
}

/** The choice with one more or one less; in the order of `all`, and empty once it is all. */
export function toggled<T>(chosen: readonly T[], value: T, all: readonly T[]): readonly T[] {
  const next = all.filter((each) => (each === value) !== chosen.includes(each));
  return next.length === all.length ? [] : next;
}

export const toggledOp = (chosen: readonly PlanOp[], op: PlanOp): readonly PlanOp[] => toggled(chosen, op, PLAN_OPS);

export const toggledStatus = (chosen: readonly StepStatus[], status: StepStatus): readonly StepStatus[] =>
  toggled(chosen, status, STEP_STATUSES);

export function headerTick(total: number, tickedTotal: number | undefined): TickState {
  if (total === 0 || tickedTotal === 0) return 'off';
  return tickedTotal === total ? 'on' : 'mixed';
}

export const STATUS_WORDS: Readonly<Record<StepStatus, string>> = {
  pending: 'Waiting',
  running: 'Working',
  done: 'Done',
  already: 'Already done',
  skipped: 'Skipped',
  failed: 'Failed',
  canceled: 'Canceled',
};

/** The statuses that count once an apply is over, in the order one wants to know. */
export const RESULT_STATUSES = ['done', 'already', 'skipped', 'failed', 'canceled'] as const;

export interface SpaceNeed {
  /** The name people read of the root that is written to. */
  readonly root: string;
  readonly needBytes: number;
  readonly freeBytes: number;
  /** 0 when it fits. */
  readonly shortBytes: number;
}

/** Of the file systems the two roots lie on; undefined while unknown. */
export interface Spaces {
  readonly from: Space | undefined;
  readonly to: Space | undefined;
}

/**
 * What each root that the plan copies to needs, the first of the title first. Replaced and deleted files go to the trash
 * on the same disk, so only what is copied counts; and nothing frees any. Of a plan that changes both roots it is told only
 * before it is applied, for what was copied then is known of both together.
 */
export function spaceNeeds(info: PlanInfo, spaces: Spaces, phase: PlanPhase): readonly SpaceNeed[] {
  const { from, to } = info.header;
  if (changesBoth(info)) {
    const { sides } = info;
    if (sides === undefined || phase !== 'review') return [];
    return [needOf(from.root, sides.from.copy.bytes, spaces.from), needOf(to.root, sides.to.copy.bytes, spaces.to)]
      .filter((need) => need !== undefined)
      .filter(({ needBytes }) => needBytes > 0);
  }
  const copied = phase === 'review' ? 0 : (info.progress?.bytes ?? 0);
  const need = needOf(to.root, Math.max(0, info.ticked.copy.bytes - copied), spaces.to);
  return need === undefined || (phase === 'over' && need.needBytes === 0) ? [] : [need];
}

function needOf(root: string, needBytes: number, space: Space | undefined): SpaceNeed | undefined {
  if (space === undefined) return undefined;
  const { freeBytes } = space;
  return { root: rootTitle(root), needBytes, freeBytes, shortBytes: Math.max(0, needBytes - freeBytes) };
}

export interface ApplyConditions {
  readonly info: PlanInfo;
  readonly phase: PlanPhase;
  readonly trusted: boolean;
  readonly roots: readonly Root[] | undefined;
}

/** Why Apply cannot be pressed, as a sentence; undefined when it can. */
export function applyBlock({ info, phase, trusted, roots }: ApplyConditions): string | undefined {
  if (!trusted) return 'This workspace is not trusted, so nothing is applied from it. Trust the workspace, then apply.';
  if (phase === 'queued' || phase === 'running') return 'This plan is being applied.';
  if (stepCount(info.ticked) === 0) {
    return openConflicts(info) > 0 && stepCount(allSteps(info)) === 0
      ? 'No conflict is decided yet.'
      : 'No step is ticked.';
  }
  for (const end of [info.header.from, info.header.to]) {
    const root = roots?.find(({ name }) => name === end.root);
    if (roots !== undefined && root === undefined)
      return `There is no root named ${rootTitle(end.root)} here. Add it, then apply.`;
    if (root?.mounted === false)
      return root.problem?.message ?? `${rootTitle(end.root)} is not mounted. Connect it, then apply.`;
  }
  if (phase === 'over' && !info.dirty && info.progress !== undefined && unfinished(info.progress) === 0) {
    return 'Every ticked step is done.';
  }
  return undefined;
}

/** Steps of an apply that is over which applying again could still do; a conflict must be decided first. */
export function unfinished(summary: ApplySummary): number {
  return summary.failed + trulySkipped(summary) + summary.canceled;
}

/** Steps that were skipped though there was something to do: conflicts that nobody decided are not among them. */
export function trulySkipped({ skipped, undecided = 0 }: ApplySummary): number {
  return Math.max(0, skipped - undecided);
}

/** How the apply ended, in one line. */
export function summarySentence(summary: ApplySummary, job: Job | undefined): string {
  if (job?.status === 'canceled' || summary.canceled > 0) return 'Canceled. What was finished stays.';
  if (job?.status === 'failed' && job.error !== undefined) return job.error.message;
  if (summary.failed > 0) return `Applied, but ${formatQuantity(summary.failed, 'step')} failed.`;
  const skipped = trulySkipped(summary);
  if (skipped > 0) return `Applied, but ${formatQuantity(skipped, 'step')} had to be skipped.`;
  const { undecided = 0 } = summary;
  if (undecided > 0)
    return `Applied. ${formatQuantity(undecided, 'conflict is', 'conflicts are')} left for you to decide.`;
  return 'Applied. Every step is done.';
}

/** Why steps were skipped or failed: one line per code, the commonest first; open conflicts have a line of their own. */
export interface ReasonGroup {
  readonly code: string;
  readonly status: StepStatus;
  readonly count: number;
  /** The sentence of the first such step. */
  readonly reason: string;
}

export function groupReasons(rows: readonly Pick<PlanRow, 'status' | 'code' | 'reason'>[]): readonly ReasonGroup[] {
  const groups = new Map<string, ReasonGroup>();
  for (const { status, code = 'UNKNOWN', reason = '' } of rows) {
    if (status === undefined || code === 'CONFLICT_UNDECIDED') continue;
    const key = `${status} ${code}`;
    const group = groups.get(key) ?? { code, status, count: 0, reason };
    groups.set(key, { ...group, count: group.count + 1 });
  }
  return [...groups.values()].sort((left, right) => right.count - left.count);
}

export function applyLabel(info: PlanInfo): string {
  const count = stepCount(info.ticked);
  return count === 0 ? 'Apply' : `Apply ${formatQuantity(count, 'step')}`;
}

/** What a person should know before they apply, as sentences; none where nothing is to be said. */
export function concernsOf(info: PlanInfo, spaces: readonly SpaceNeed[]): string[] {
  const open = openConflicts(info);
  return [
    ...(open === 0
      ? []
      : [
          open === 1
            ? '1 conflict is not decided. That file stays as it is on both sides.'
            : `${formatCount(open)} conflicts are not decided. Those files stay as they are on both sides.`,
        ]),
    ...spaces.filter(({ shortBytes }) => shortBytes > 0).map(shortOfSpaceSentence),
  ];
}

/** Whether an apply that is over did something that could be taken back. */
export function canUndo(info: PlanInfo): boolean {
  return info.job !== undefined && (info.progress?.done ?? 0) + (info.progress?.already ?? 0) > 0;
}

/** `1,200 of 5,000 steps` or `5,000 steps` */
export function shownSentence(shown: number, all: number): string {
  return shown === all ? formatQuantity(all, 'step') : `${formatCount(shown)} of ${formatQuantity(all, 'step')}`;
}

function shortOfSpaceSentence({ root, shortBytes, needBytes, freeBytes }: SpaceNeed): string {
  return `${root} is ${formatBytes(shortBytes)} short: the ticked steps need ${formatBytes(needBytes)}, ${formatBytes(freeBytes)} are free. Untick some steps or free some space. Applied as it is, what does not fit will fail, and nothing is lost.`;
}
