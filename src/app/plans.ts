import { existsSync } from 'node:fs';

import { LakesideError } from '../base/errors.ts';
import { formatCount } from '../base/format.ts';
import { baseName } from '../base/relpath.ts';
import { rootTitle } from '../base/rootTitle.ts';
import { savePlan, sealTicked } from '../library/planFileWriter.ts';
import { openPlanFile } from '../library/planOpen.ts';
import type { PlanHeader } from '../protocol/planFile.ts';
import { isOver } from '../protocol/values.ts';
import { toSummary } from '../store/applyResults.ts';
import { requireConfirmed, withConfirmation } from './confirmPlan.ts';
import type { Core } from './core.ts';
import type { Implementations } from './implementations.ts';
import { logProblem, requireAbsolute, windowsTarget } from './makePlan.ts';
import { requireTrusted } from './refuseUntrusted.ts';

type PlanUseCase =
  | 'plans.open'
  | 'plans.info'
  | 'plans.page'
  | 'plans.tick'
  | 'plans.resolve'
  | 'plans.nameLastCopies'
  | 'plans.save'
  | 'plans.revert'
  | 'plans.apply'
  | 'plans.result';

/** Plans that were made: looked at, changed, saved, applied. */
export function planUseCases(core: Core): Pick<Implementations, PlanUseCase> {
  const { store } = core;

  function info(plan: string): ReturnType<typeof withConfirmation> {
    return withConfirmation(core, store.plans.info(plan));
  }

  return {
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
      for (const finding of findings) logProblem(core, finding);
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
    'plans.resolve': async ({ plan, keep, steps, filter }) => {
      requireNotActive(plan);
      const { kind } = store.plans.header(plan);
      if (kind !== 'both') {
        throw new LakesideError(
          'PLAN_WITHOUT_CONFLICTS',
          'validation',
          'Only a plan both ways has conflicts to decide.',
        );
      }
      await store.plans.resolve(plan, keep, { steps, filter });
      core.changed('plans');
      return info(plan);
    },
    'plans.nameLastCopies': async ({ plan, paths, allowed }) => {
      requireNotActive(plan);
      const steps = await store.plans.nameLastCopies(plan, paths, allowed);
      if (steps < new Set(paths).size) {
        throw new LakesideError(
          'PLAN_PATH_UNKNOWN',
          'validation',
          `This plan takes away ${steps === 0 ? 'none' : `only ${formatCount(steps)}`} of the files that were named. Name them as the plan does.`,
        );
      }
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
      const sides = store.plans.header(plan);
      const [from, to] = [sides.from, sides.to].map((side) => store.roots.byId(side.id));
      if (from === undefined || to === undefined) throw otherRoots(sides);
      await Promise.all([core.mounts.require(from), core.mounts.require(to)]);
      // A drive may take seconds to answer: the ticks that are confirmed and sealed are those of now.
      requireConfirmed(core, store.plans.info(plan), confirmed);
      const header = sealTicked(store.plans, plan);
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
      const counts = store.applyResults.counts(key);
      const job = store.jobs.get(id);
      const ms = (job?.finishedAt ?? core.clock.now()) - (job?.startedAt ?? core.clock.now());
      const items = store.applyResults.page(key, offset, limit);
      const plan = store.applyResults.planOf(key);
      const summary = toSummary(counts, Math.max(0, ms));
      return { ...summary, total: counts.total, items, ...(plan === undefined ? {} : { plan }) };
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
function titleOf({ store }: Core, plan: string, { kind, from, to, options }: PlanHeader): string {
  const [source, target] = [rootTitle(from.root), rootTitle(to.root)];
  if (kind === 'mirror') return `Mirror ${source} → ${target}`;
  if (kind === 'update') return `Update ${target} from ${source}`;
  if (kind === 'both') return `Both ways ${source} ⇄ ${target}`;
  if (kind === 'evict') return `Free space on ${target}`;
  if (kind === 'undo') return `Undo ${store.jobs.get(options.undoes ?? '')?.title ?? `what was done to ${target}`}`;
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
