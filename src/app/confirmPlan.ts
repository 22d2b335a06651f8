import { LakesideError } from '../base/errors.ts';
import { type PlanConfirmation, planConfirmation, type RootRemovals } from '../library/planConfirmation.ts';
import type { PlanInfo } from '../store/planStore.ts';
import type { Removals } from '../store/planRemovals.ts';
import type { Core } from './core.ts';

/** A plan's info with what must be confirmed before it is applied. */
export function withConfirmation(core: Core, info: PlanInfo): PlanInfo & { confirmation?: PlanConfirmation } {
  const confirmation = confirmationOf(core, info);
  return confirmation === undefined ? info : { ...info, confirmation };
}

/**
 * Throws PLAN_NEEDS_CONFIRMATION, with the numbers in its context, unless the plan takes away no more than
 * `plan.maxDelete` allows or just these numbers were confirmed.
 */
export function requireConfirmed(
  core: Core,
  info: PlanInfo,
  confirmed: { readonly deletes: number; readonly replaces: number } | undefined,
): void {
  // Of these very steps the person was asked when they were applied first; what was interrupted just goes on.
  if (info.job !== undefined && core.store.planRemovals.areIn(info.plan, info.job)) return;
  const confirmation = confirmationOf(core, info);
  if (confirmation === undefined) return;
  const { deletes, replaces, files, question } = confirmation;
  if (confirmed?.deletes === deletes && confirmed.replaces === replaces) return;
  const otherNumbers = confirmed === undefined ? '' : ' What was confirmed are other numbers.';
  throw new LakesideError(
    'PLAN_NEEDS_CONFIRMATION',
    'policy',
    `${question}${otherNumbers} That is more than the setting plan.maxDelete lets through unasked, so nothing was done: confirm these numbers to apply it.`,
    { context: { plan: info.plan, deletes, replaces, files } },
  );
}

function confirmationOf(core: Core, info: PlanInfo): PlanConfirmation | undefined {
  const { store } = core;
  const { header } = info;
  // The totals that are at hand tell of the target alone.
  const removals: { from: Removals; to: Removals } =
    header.kind === 'both' || header.kind === 'undo'
      ? store.planRemovals.of(store.plans.key(info.plan))
      : { from: { deletes: 0, replaces: 0 }, to: { deletes: info.ticked.delete.count, replaces: info.replaces } };
  const roots = (['from', 'to'] as const).flatMap((side): RootRemovals[] => {
    const { deletes, replaces } = removals[side];
    const root = store.roots.byId(header[side].id);
    if (root === undefined || deletes + replaces === 0) return [];
    return [{ root: root.name, deletes, replaces, files: store.files.count(root.key) }];
  });
  return planConfirmation(roots, core.settings()['plan.maxDelete']);
}
