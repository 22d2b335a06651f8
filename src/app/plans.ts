import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';

import { LakesideError } from '../base/errors.ts';
import { formatCount } from '../base/format.ts';
import { baseName } from '../base/relpath.ts';
import { rootTitle } from '../base/rootTitle.ts';
import { freshDiff } from '../library/diff.ts';
import { copyItems, planItems } from '../library/plan.ts';
import { createPlan } from '../library/planDraft.ts';
import { savePlan, sealTicked } from '../library/planFileWriter.ts';
import { openPlanFile } from '../library/planOpen.ts';
import { selectionOf } from '../library/planSelection.ts';
import { type DiffItem, isOver, type Problem } from '../protocol/values.ts';
import { PLAN_FORMAT, PLAN_VERSION, type PlanHeader, type PlanItem, type PlanOptions } from '../protocol/planFile.ts';
import type { RootRow } from '../store/rootStore.ts';
import { requireConfirmed, withConfirmation } from './confirmPlan.ts';
import type { Core } from './core.ts';
import type { AreaImplementations } from './implementations.ts';
import { hashForContent } from './library.ts';
import { requireTrusted } from './refuseUntrusted.ts';
import { requireRoot } from './requireRoot.ts';

/** The target can hold only names that Windows can: known only of this machine's own file systems. */
const windowsTarget = process.platform === 'win32';

export function planUseCases(
  core: Core,
): Omit<
  AreaImplementations<'plans'>,
  'plans.update' | 'plans.both' | 'plans.evict' | 'plans.undo' | 'plans.resolve' | 'plans.nameLastCopies'
> {
  const { store } = core;

  async function create(
    kind: PlanHeader['kind'],
    from: RootRow,
    to: RootRow,
    options: PlanOptions,
    items: Iterable<PlanItem>,
  ): Promise<{ plan: string; header: PlanHeader }> {
    const plan = core.newId();
    const header = await createPlan({
      store: store.plans,
      id: plan,
      preamble: {
        format: PLAN_FORMAT,
        version: PLAN_VERSION,
        kind,
        from: { root: from.name, id: from.id },
        to: { root: to.name, id: to.id },
        options,
      },
      items,
    });
    core.changed('plans');
    return { plan, header };
  }

  function info(plan: string): ReturnType<typeof withConfirmation> {
    return withConfirmation(core, store.plans.info(plan));
  }

  function onProblem(problem: Problem): void {
    core.log.write({ level: 'warn', message: problem.message, data: { code: problem.code } });
  }

  /** Gathers what a plan leaves out; `told` is what its maker is told of that. */
  function leftOut(): { onProblem: (problem: Problem) => void; told: () => { problems?: Problem[] } } {
    const problems: Problem[] = [];
    return {
      onProblem: (problem) => {
        onProblem(problem);
        problems.push(problem);
      },
      told: () => (problems.length === 0 ? {} : { problems }),
    };
  }

  function diffOf(from: RootRow, to: RootRow, content: boolean): Iterable<DiffItem> {
    const request = { store: store.diffs, from, to, content, revision: core.indexRevision() };
    // A list, not a cursor: the same connection writes the plan while it is read.
    return [...freshDiff(request).items(from.key)];
  }

  return {
    'plans.mirror': async (
      { from: fromName, to: toName, delete: remove = false, content = false, out },
      { signal },
    ) => {
      const from = requireRoot(core, fromName);
      const to = requireRoot(core, toName);
      if (out !== undefined) requireAbsolute(out);
      if (content) await hashForContent(core, from, to, signal);
      const options: PlanOptions = { ...(remove ? { delete: true } : {}), ...(content ? { content: true } : {}) };
      const { told, ...rules } = leftOut();
      const items = planItems(diffOf(from, to, content), { delete: remove, windowsTarget, ...rules });
      const created = await create('mirror', from, to, options, items);
      if (out !== undefined) await savePlan(store.plans, created.plan, out);
      return { ...created, ...told() };
    },
    'plans.copy': async ({ from: fromName, to: toName, paths }) => {
      const from = requireRoot(core, fromName);
      const to = requireRoot(core, toName);
      const diff = [...diffOf(from, to, false)];
      const selected = selectionOf(paths);
      const { told, ...rules } = leftOut();
      const items = [
        ...copyItems(
          diff.filter((item) => item.state !== 'extra' && selected(item.path)),
          { windowsTarget, ...rules },
        ),
      ];
      const known = (path: string): boolean =>
        store.files.get(from.key, path) !== undefined ||
        store.files.page(from.key, { folder: path, limit: 1 }).length > 0;
      const unknown = items.length === 0 ? paths.find((path) => !known(path)) : undefined;
      if (unknown !== undefined) {
        throw new LakesideError(
          'PATH_UNKNOWN',
          'validation',
          `${rootTitle(from.name)} holds no ${unknown}, as far as the index knows. Scan it, or check the path.`,
          { context: { root: from.name, path: unknown } },
        );
      }
      const replaces = items.filter((item) => item.expect.to !== null).length;
      return { ...(await create('copy', from, to, {}, items)), replaces, ...told() };
    },
    'plans.open': async ({ path }) => {
      requireAbsolute(path);
      if (!existsSync(path)) {
        throw new LakesideError(
          'PLAN_FILE_NOT_FOUND',
          'validation',
          `There is no plan file ${path}. Check the path, or make a new plan.`,
          { context: { path } },
        );
      }
      const plan = core.newId();
      const { header, findings } = await openPlanFile({
        store: store.plans,
        path,
        id: plan,
        isKnownRoot: (id) => store.roots.byId(id) !== undefined,
        windowsTarget,
      });
      findings.forEach(onProblem);
      // A plan that was applied before is shown with what became of it.
      const applied = store.plans.appliedWithSeal(header.seal, plan);
      if (applied === undefined) return info(plan);
      await store.plans.remove(store.plans.key(plan));
      return info(applied);
    },
    'plans.info': ({ plan }) => info(plan),
    'plans.page': ({ plan, ...query }) => store.plans.page(plan, query),
    'plans.tick': async ({ plan, ticked, steps, filter }) => {
      requireNotActive(plan);
      await store.plans.tick(plan, ticked, { steps, filter });
      core.changed('plans');
      return info(plan);
    },
    'plans.save': async ({ plan, path }) => {
      requireAbsolute(path);
      await savePlan(store.plans, plan, path);
      core.changed('plans');
      return info(plan);
    },
    'plans.revert': async ({ plan }) => {
      requireNotActive(plan);
      await store.plans.revert(plan);
      core.changed('plans');
      return info(plan);
    },
    'plans.apply': async ({ plan, confirmed }) => {
      requireTrusted(core, 'nothing is applied');
      requireConfirmed(core, store.plans.info(plan), confirmed);
      const header = sealTicked(store.plans, plan);
      const [from, to] = [header.from, header.to].map((side) => store.roots.byId(side.id));
      if (from === undefined || to === undefined) throw otherRoots(header);
      await Promise.all([core.mounts.require(from), core.mounts.require(to)]);
      const job = await core.submit({
        kind: 'apply',
        title: titleOf(core, plan, header),
        payload: { plan },
        roots: [from.id, to.id],
        needs: ['trust:'],
        // By its seal: the same file opened in two windows is one plan.
        dedupeKey: `apply ${header.seal}`,
      });
      core.changed('plans');
      return { job: job.id };
    },
    'plans.result': ({ job: id, offset, limit }) => {
      const key = store.jobs.keyOf(id);
      if (key === undefined) throw new LakesideError('JOB_NOT_FOUND', 'validation', `There is no job ${id}.`);
      const { done, already, skipped, failed, canceled, bytes, total } = store.applyResults.counts(key);
      const job = store.jobs.get(id);
      const ms = (job?.finishedAt ?? core.clock.now()) - (job?.startedAt ?? core.clock.now());
      const items = store.applyResults.page(key, offset, limit);
      return { done, already, skipped, failed, canceled, bytes, ms: Math.max(0, ms), total, items };
    },
  };

  /** The steps of a job are those that were ticked when it began; ticks must not change under it. */
  function requireNotActive(plan: string): void {
    const { job: id } = store.plans.info(plan);
    const status = id === undefined ? undefined : store.jobs.get(id)?.status;
    if (status !== undefined && !isOver(status)) {
      throw new LakesideError(
        'PLAN_ACTIVE',
        'validation',
        'This plan is being applied. Cancel that first to change its steps.',
      );
    }
  }
}

/** Mirrors are told apart by their roots; of copies there are many between the same two, so what is copied is named. */
function titleOf({ store }: Core, plan: string, { kind, from, to }: PlanHeader): string {
  if (kind === 'mirror') return `Mirror ${rootTitle(from.root)} → ${rootTitle(to.root)}`;
  const steps = store.plans.tickedSteps(plan);
  const [only] = steps.length === 1 ? store.plans.items(plan, steps) : [];
  const what = only === undefined ? `${formatCount(steps.length)} files` : baseName(only.item.path);
  return `Copy ${what} → ${rootTitle(to.root)}`;
}

function otherRoots(header: PlanHeader): LakesideError {
  return new LakesideError(
    'PLAN_OTHER_ROOTS',
    'validation',
    `This plan goes from "${rootTitle(header.from.root)}" to "${rootTitle(header.to.root)}", and one of them is no longer known here. Add it again, or make a new plan.`,
  );
}

function requireAbsolute(path: string): void {
  if (isAbsolute(path)) return;
  throw new LakesideError('PATH_NOT_ABSOLUTE', 'validation', `${path} is not an absolute path.`, { context: { path } });
}
