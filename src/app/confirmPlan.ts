import { LakesideError } from '../base/errors.ts';
import { formatQuantity } from '../base/format.ts';
import { rootTitle } from '../base/rootTitle.ts';
import { type PlanConfirmation, planConfirmation, type RootRemovals } from '../library/planConfirmation.ts';
import type { PlanHeader } from '../protocol/planFile.ts';
import type { Settings } from '../protocol/settings.ts';
import type { PlanInfo } from '../store/planStore.ts';
import type { SideChanges } from '../store/planRemovals.ts';
import type { Core } from './core.ts';

interface Confirmation extends PlanConfirmation {
  readonly afterwards: string;
}

interface Sides {
  readonly from: SideChanges;
  readonly to: SideChanges;
}

/** A plan's info with what it changes on either side, and with what must be confirmed before it is applied. */
export function withConfirmation(
  core: Core,
  info: PlanInfo,
): PlanInfo & { confirmation?: Confirmation; sides?: Sides } {
  const sides = sidesOf(core, info);
  const confirmation = confirmationOf(core, info, sides);
  return {
    ...info,
    ...(sides === undefined ? {} : { sides }),
    ...(confirmation === undefined ? {} : { confirmation }),
  };
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
  const confirmation = confirmationOf(core, info, sidesOf(core, info));
  if (confirmation === undefined) return;
  const { deletes, replaces, files, question } = confirmation;
  if (confirmed?.deletes === deletes && confirmed.replaces === replaces) return;
  const otherNumbers =
    confirmed === undefined
      ? ''
      : ` Confirmed were ${formatQuantity(confirmed.deletes, 'delete')} and ${formatQuantity(confirmed.replaces, 'replacement')}.`;
  throw new LakesideError(
    'PLAN_NEEDS_CONFIRMATION',
    'policy',
    `${question} That is more than the setting plan.maxDelete lets through unasked, so nothing was done: confirm just these numbers to apply it.${otherNumbers}`,
    { context: { plan: info.plan, deletes, replaces, files } },
  );
}

/** Only plans of these kinds may change both roots. */
function sidesOf({ store }: Core, { plan, header: { kind } }: PlanInfo): Sides | undefined {
  return kind === 'both' || kind === 'undo' ? store.planRemovals.of(store.plans.key(plan)) : undefined;
}

function confirmationOf(core: Core, info: PlanInfo, sides: Sides | undefined): Confirmation | undefined {
  const { store } = core;
  const { header } = info;
  // The totals that are at hand tell of the target alone.
  const removals = sides ?? {
    from: { deletes: 0, replaces: 0 },
    to: { deletes: info.ticked.delete.count, replaces: info.replaces },
  };
  const roots = (['from', 'to'] as const).flatMap((side): RootRemovals[] => {
    const { deletes, replaces } = removals[side];
    const root = store.roots.byId(header[side].id);
    if (root === undefined || deletes + replaces === 0) return [];
    return [{ root: root.name, deletes, replaces, files: store.files.count(root.key) }];
  });
  const settings = core.settings();
  const asked = planConfirmation(roots, settings['plan.maxDelete']);
  return asked === undefined ? undefined : { ...asked, afterwards: afterwardsOf(header, settings) };
}

/** What becomes of the files that a plan takes away. */
function afterwardsOf({ kind, from }: PlanHeader, settings: Settings): string {
  if (kind === 'evict') return `${rootTitle(from.root)} holds their content, verified. Undo copies it back.`;
  if (!settings['trash.enabled']) return 'The trash is turned off, so nothing brings them back.';
  const days = settings['trash.days'];
  return `They go to the trash of their root${days === 0 ? '' : `, and stay there for ${formatQuantity(days, 'day')}`}.`;
}
