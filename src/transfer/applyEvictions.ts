import { type ApplyRun, PAGE_STEPS } from './applyRun.ts';
import { canceledOutcome, skippedOutcome } from './stepOutcome.ts';
import { checkPaths } from './stepPaths.ts';
import type { EvictItem } from './evictStep.ts';
import type { PlanStep } from './planSteps.ts';
import type { StepOutcome } from './stepOutcome.ts';

/** The roots are looked at before each task: few files, so that a drive that went is noticed soon. */
const EVICTIONS_A_TASK = 20;
/** Each file that is relied on is read: what is done is recorded before that takes minutes. */
const BYTES_A_TASK = 256 * 1024 * 1024;

/** Whether a deletion relies on a file of *from*: those of evict plans. */
export function isEviction({ expect }: PlanStep): boolean {
  return expect.from !== null;
}

/** The deletions that rely on a file of the other root. They free space at once, so nothing of them comes into the trash. */
export async function applyEvictions(run: ApplyRun): Promise<void> {
  for (let after = -1; ;) {
    run.throwIfStopped();
    const page = await run.options.steps.pending('delete', after, PAGE_STEPS);
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.step;
    const evictions = page.filter(isEviction);
    for (const portion of portions(evictions)) {
      if (run.isStopped) break;
      await evict(run, portion);
    }
  }
}

function* portions(steps: readonly PlanStep[]): Generator<PlanStep[]> {
  let portion: PlanStep[] = [];
  let bytes = 0;
  for (const step of steps) {
    const size = step.expect.to?.size ?? 0;
    if (portion.length > 0 && (portion.length === EVICTIONS_A_TASK || bytes + size > BYTES_A_TASK)) {
      yield portion;
      portion = [];
      bytes = 0;
    }
    portion.push(step);
    bytes += size;
  }
  if (portion.length > 0) yield portion;
}

async function evict(run: ApplyRun, steps: readonly PlanStep[]): Promise<void> {
  await run.requireMounted();
  const { safe, unsafe } = checkPaths(steps, run.options);
  const all = safe.flatMap((step) => evictItem(run, step));
  const paths = all.map(({ path }) => path);
  // What a job is about to remove for good keeps nothing, and this file is nobody's keeper until it is gone or stays.
  const held = new Set(
    await run.options.steps.departKept(all.map(({ path, keeper }) => ({ path, keeperPath: keeper.path }))),
  );
  try {
    const items = all.filter(({ path }) => !held.has(path));
    const outcomes = await run.run('evict', { items }, () => items.map(({ step }) => canceledOutcome(step)));
    const kept = safe.filter(({ path }) => held.has(path)).map((step) => keeperLeaves(run, step));
    await run.record(steps, [...unsafe, ...kept, ...outcomes]);
  } finally {
    await run.options.steps.settleDepartures(paths);
  }
}

function keeperLeaves(run: ApplyRun, step: PlanStep): StepOutcome {
  return skippedOutcome(
    step,
    'KEEPER_MISSING',
    `${step.path} is not removed: another job is about to remove ${step.fromPath ?? step.path} from ${run.options.from.path}. Scan, and make a new plan.`,
  );
}

function evictItem(run: ApplyRun, { step, path, fromPath = path, expect: { from, to } }: PlanStep): EvictItem[] {
  if (from === null || to === null) return [];
  const { steps } = run.options;
  const verified =
    to.blake3 !== undefined &&
    from.blake3 === to.blake3 &&
    steps.knownHash('to', path, to.size, to.mtimeMs) === to.blake3 &&
    steps.knownHash('from', fromPath, from.size, from.mtimeMs) === to.blake3;
  return [{ step, path, expected: to, keeper: { path: fromPath, expected: from }, verified }];
}
