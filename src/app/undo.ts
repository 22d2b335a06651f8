import { LakesideError, toLakesideError } from '../base/errors.ts';
import { type FinishedStep, type Side, undoItems, type UndoWorld } from '../library/planUndo.ts';
import { type FileState, isOver, type Job } from '../protocol/values.ts';
import type { StepsOf } from '../store/stepStore.ts';
import type { RootRow } from '../store/rootStore.ts';
import { parseTrashFolderName } from '../transfer/transferPaths.ts';
import type { Core } from './core.ts';
import type { Implementations } from './implementations.ts';
import { indexTrash } from './indexTrash.ts';
import { logProblem, makePlan } from './makePlan.ts';
import { requireRootById } from './requireRoot.ts';

const PAGE_STEPS = 1_000;

export function undoUseCases(core: Core): Pick<Implementations, 'plans.undo'> {
  const { store } = core;
  return {
    'plans.undo': async ({ job: id, earlier = false }, { signal }) => {
      const job = requireApplied(store.jobs.get(id), id);
      const plan = store.jobs.planOf(id);
      const key = store.jobs.keyOf(id);
      if (plan === undefined || key === undefined) throw notKnown(id);
      const header = store.plans.header(plan);
      const roots = { from: requireRootById(core, header.from.id), to: requireRootById(core, header.to.id) };
      // What was purged, or is there though a crash kept it from being recorded, is seen on the disk alone.
      for (const root of [roots.from, roots.to]) await lookAtTrash(core, root, signal);
      const planKey = store.plans.key(plan);
      const jobKeys = [key, ...(earlier ? store.jobs.earlierApplies(id) : [])];
      const applies = jobKeys.map((jobKey): StepsOf => ({ jobKey, planKey }));
      const world = undoWorld(core, roots);
      const { items, problems } = undoItems(header.kind, finishedInAny(core, applies, roots, header.seal), world);
      for (const problem of problems) logProblem(core, problem);
      const made = await makePlan(core, { kind: 'undo', ...roots, options: { undoes: job.id }, items });
      return { ...made, ...(problems.length === 0 ? {} : { problems }) };
    },
  };
}

function requireApplied(job: Job | undefined, id: string): Job {
  if (job === undefined) throw notKnown(id);
  if (job.kind !== 'apply') {
    throw new LakesideError(
      'UNDO_NOT_AN_APPLY',
      'validation',
      `${job.title} changed no files, so there is nothing to undo.`,
    );
  }
  if (isOver(job.status)) return job;
  throw new LakesideError(
    'JOB_STATE',
    'validation',
    `${job.title} is not over. Cancel it, or wait, to undo what it did.`,
  );
}

function notKnown(id: string): LakesideError {
  return new LakesideError(
    'JOB_NOT_FOUND',
    'validation',
    `There is no job ${id} any more, so what it did is not known. The trash may still hold what it deleted and replaced.`,
  );
}

async function lookAtTrash(core: Core, root: RootRow, signal: AbortSignal): Promise<void> {
  if (!(await core.mounts.probe(root)).mounted) return;
  try {
    await indexTrash(core, root, signal);
  } catch (error) {
    // It went away just now: what is known of it will do, since every step looks at the disk again.
    const { code, message } = toLakesideError(error);
    core.log.write({ level: 'warn', message, data: { code } });
  }
}

function undoWorld({ store }: Core, roots: Readonly<Record<Side, RootRow>>): UndoWorld {
  const stepMs = Math.max(roots.from.mtimeStepMs, roots.to.mtimeStepMs) + 1;
  return {
    file: (side, path) => toState(store.files.get(roots[side].key, path)),
    trashed: (side, folder, path) => toState(store.trash.get(roots[side].key, folder, path)),
    sameTime: (leftMs, rightMs) => Math.abs(leftMs - rightMs) < stepMs,
  };
}

function toState(
  row: { readonly size: number; readonly mtimeMs: number; readonly blake3: Buffer | null } | undefined,
): FileState | undefined {
  if (row === undefined) return undefined;
  const { size, mtimeMs, blake3 } = row;
  return { size, mtimeMs, ...(blake3 === null ? {} : { blake3: blake3.toString('hex') }) };
}

/** What the applies of one plan did, the newest first; what a later one did again is the later one's. */
function* finishedInAny(
  core: Core,
  applies: readonly StepsOf[],
  roots: Readonly<Record<Side, RootRow>>,
  seal: string,
): Generator<FinishedStep> {
  const seen = new Set<number>();
  for (const of of applies) {
    for (const { step, ...finished } of finishedSteps(core, of, roots, seal)) {
      if (seen.has(step)) continue;
      if (applies.length > 1) seen.add(step);
      yield finished;
    }
  }
}

/**
 * What the job did. A step that was done already when the job came to it counts where an earlier try of the job, which a
 * crash kept from recording it, had it in work, or had filled a folder in the trash: those carry the plan's tag.
 */
function* finishedSteps(
  { store }: Core,
  of: StepsOf,
  roots: Readonly<Record<Side, RootRow>>,
  seal: string,
): Generator<FinishedStep & { readonly step: number }> {
  const folders = { from: ownFolders('from'), to: ownFolders('to') };
  function ownFolders(side: Side): string[] {
    const names = store.trash.folders(roots[side].key).map(({ name }) => name);
    return names.filter((name) => parseTrashFolderName(name)?.tag === seal.slice(0, 8));
  }
  for (let after = -1; ;) {
    const page = store.steps.finished(of, after, PAGE_STEPS);
    const last = page.at(-1);
    if (last === undefined) return;
    const tried = store.stepTries.tried(of.jobKey, after + 1, last.step);
    after = last.step;
    for (const { status, keptIn, step, ...item } of page) {
      const side = item.direction === 'reverse' ? 'from' : 'to';
      const found =
        keptIn ?? folders[side].find((name) => store.trash.get(roots[side].key, name, item.path) !== undefined);
      if (status === 'done' || tried.has(step) || found !== undefined) yield { step, item, trashed: found };
    }
  }
}
