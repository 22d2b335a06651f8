import { LakesideError } from '../base/errors.ts';
import { rootTitle } from '../base/rootTitle.ts';
import { copyItems, planItems, type PlanRules } from '../library/plan.ts';
import { bothItems } from '../library/planBoth.ts';
import { selectionOf } from '../library/planSelection.ts';
import type { PlanHeader, PlanItem, PlanOptions, Selection } from '../protocol/planFile.ts';
import { replacesFile } from '../protocol/planTotals.ts';
import type { DiffItem, Problem } from '../protocol/values.ts';
import type { Core } from './core.ts';
import { diffOf } from './diffOf.ts';
import { hashForPair } from './hashForPair.ts';
import type { Implementations } from './implementations.ts';
import { leftOut, makePlan, requireAbsolute, windowsTarget } from './makePlan.ts';
import { requireRoot } from './requireRoot.ts';

interface PairInput {
  readonly from: string;
  readonly to: string;
  readonly content?: boolean | undefined;
  readonly findMoves?: boolean | undefined;
  readonly select?: Selection | undefined;
  readonly out?: string | undefined;
}

type StepRules = Omit<PlanRules, 'delete'>;

interface MadePlan {
  plan: string;
  header: PlanHeader;
  problems?: Problem[];
}

/** The plans that follow from a comparison of two roots. */
export function pairPlanUseCases(
  core: Core,
): Pick<Implementations, 'plans.mirror' | 'plans.update' | 'plans.both' | 'plans.copy'> {
  const { store } = core;

  async function fromPair(
    kind: PlanHeader['kind'],
    { from: fromName, to: toName, content = false, findMoves = false, select, out }: PairInput,
    further: PlanOptions,
    toItems: (diff: Iterable<DiffItem>, rules: StepRules) => Iterable<PlanItem>,
    signal: AbortSignal,
  ): Promise<MadePlan> {
    const from = requireRoot(core, fromName);
    const to = requireRoot(core, toName);
    if (out !== undefined) requireAbsolute(out);
    await hashForPair(core, from, to, { content, findMoves, select }, signal);
    const options: PlanOptions = {
      ...further,
      ...(content ? { content } : {}),
      ...(findMoves ? { findMoves } : {}),
      ...(select === undefined ? {} : { select }),
    };
    const { told, onProblem } = leftOut(core);
    const items = toItems(diffOf(core, from, to, { content, select }), { windowsTarget, onProblem });
    return { ...(await makePlan(core, { kind, from, to, options, items, out })), ...told() };
  }

  return {
    'plans.mirror': ({ delete: remove = false, ...input }, { signal }) =>
      fromPair(
        'mirror',
        input,
        remove ? { delete: true } : {},
        (diff, rules) => planItems(diff, { ...rules, delete: remove }),
        signal,
      ),
    'plans.update': (input, { signal }) => fromPair('update', input, {}, copyItems, signal),
    'plans.both': ({ keep, ...input }, { signal }) =>
      fromPair('both', input, {}, (diff, rules) => bothItems(diff, { ...rules, keep }), signal),
    'plans.copy': async ({ from: fromName, to: toName, paths }) => {
      const from = requireRoot(core, fromName);
      const to = requireRoot(core, toName);
      const selected = selectionOf(paths);
      const { told, onProblem } = leftOut(core);
      let replaces = 0;
      const steps = copyItems(selectedItems(diffOf(core, from, to, {}), selected), { windowsTarget, onProblem });
      const items = countReplaced(steps, () => replaces++);
      const first = items.next();
      const known = (path: string): boolean =>
        store.files.get(from.key, path) !== undefined ||
        store.files.page(from.key, { folder: path, limit: 1 }).length > 0;
      const unknown = first.done === true ? paths.find((path) => !known(path)) : undefined;
      if (unknown !== undefined) {
        throw new LakesideError(
          'PATH_UNKNOWN',
          'validation',
          `${rootTitle(from.name)} holds no ${unknown}, as far as the index knows. Scan it, or check the path.`,
          { context: { root: from.name, path: unknown } },
        );
      }
      const all = first.done === true ? [] : startingWith(first.value, items);
      const made = await makePlan(core, { kind: 'copy', from, to, options: {}, items: all });
      return { ...made, replaces, ...told() };
    },
  };
}

function* selectedItems(diff: Iterable<DiffItem>, selected: (path: string) => boolean): Generator<DiffItem> {
  for (const item of diff) if (item.state !== 'extra' && selected(item.path)) yield item;
}

function* countReplaced(items: Iterable<PlanItem>, onReplaced: () => void): Generator<PlanItem, undefined> {
  for (const item of items) {
    if (replacesFile(item)) onReplaced();
    yield item;
  }
}

function* startingWith(first: PlanItem, rest: Iterable<PlanItem>): Generator<PlanItem> {
  yield first;
  yield* rest;
}
