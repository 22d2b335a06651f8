import { type ApplyRun, canceledOutcome, PAGE_STEPS } from './applyRun.ts';
import type { EvictItem } from './evictStep.ts';
import type { PlanStep } from './planSteps.ts';

/** The roots are looked at before each task: few files, so that a drive that went is noticed soon. */
const EVICTIONS_A_TASK = 20;

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
    for (let start = 0; start < evictions.length && !run.isStopped; start += EVICTIONS_A_TASK) {
      await evict(run, evictions.slice(start, start + EVICTIONS_A_TASK));
    }
  }
}

async function evict(run: ApplyRun, steps: readonly PlanStep[]): Promise<void> {
  await run.requireMounted();
  const { safe, unsafe } = run.checkPaths(steps);
  const items = safe.flatMap((step) => evictItem(run, step));
  const outcomes = await run.run('evict', { items }, () => items.map(({ step }) => canceledOutcome(step)));
  await run.record(steps, [...unsafe, ...outcomes]);
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
