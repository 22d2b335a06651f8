import { LakesideError } from '../base/errors.ts';
import type { PlanHeader } from '../protocol/planFile.ts';
import type { Problem } from '../protocol/values.ts';
import type { PlanStore } from '../store/planStore.ts';
import { PlanCheck } from './planCheck.ts';
import { PlanDraft } from './planDraft.ts';
import {
  notAPlan,
  NotInLines,
  type PlanPart,
  readPlanLines,
  readPlanWhole,
  requirePlanFile,
} from './planFileReader.ts';

export interface OpenPlanOptions {
  readonly store: PlanStore;
  /** Absolute path of the plan file. */
  readonly path: string;
  /** The id that the plan gets in the store. */
  readonly id: string;
  /** Whether a root of this id is known here; the id decides, its name may have changed. */
  readonly isKnownRoot: (rootId: string) => boolean;
  /** Whether the target can hold only names that Windows can. */
  readonly windowsTarget: boolean;
}

/**
 * Brings a plan file into the store, checked whole; of a plan that is refused nothing stays.
 * @throws PLAN_FORMAT, PLAN_EDITED, PLAN_DAMAGED, PLAN_OTHER_ROOTS, PLAN_UNSAFE_PATH, PLAN_TOO_LARGE, or why it cannot be read
 */
export async function openPlanFile(options: OpenPlanOptions): Promise<{ header: PlanHeader; findings: Problem[] }> {
  await requirePlanFile(options.path);
  try {
    return await bringIn(readPlanLines(options.path), options);
  } catch (error) {
    if (!(error instanceof NotInLines)) throw error;
    return bringIn(readPlanWhole(options.path), options);
  }
}

async function bringIn(
  parts: AsyncIterable<PlanPart>,
  options: OpenPlanOptions,
): Promise<{ header: PlanHeader; findings: Problem[] }> {
  const draft = await PlanDraft.begin(options.store, options.id, options.path);
  try {
    const { header, findings } = await readParts(parts, draft, options);
    await draft.finish(header);
    return { header, findings };
  } catch (error) {
    await draft.discard();
    throw error;
  }
}

async function readParts(
  parts: AsyncIterable<PlanPart>,
  draft: PlanDraft,
  options: OpenPlanOptions,
): Promise<{ header: PlanHeader; findings: Problem[] }> {
  let check: PlanCheck | undefined;
  for await (const part of parts) {
    if (part.type === 'preamble') {
      check = new PlanCheck(options.path, part.value, options.windowsTarget);
      requireKnownRoots(check.preamble, options);
    } else if (check !== undefined && part.type === 'items') {
      for (const value of part.values) {
        const item = check.item(value);
        if (item !== undefined) await draft.add(item);
      }
    } else if (check !== undefined && part.type === 'seal') {
      return { header: check.end(part.value), findings: check.findings };
    }
  }
  throw notAPlan(options.path);
}

function requireKnownRoots({ from, to }: Pick<PlanHeader, 'from' | 'to'>, options: OpenPlanOptions): void {
  const strange = [from, to].find((root) => !options.isKnownRoot(root.id));
  if (strange === undefined && from.id !== to.id) return;
  const reason =
    strange === undefined
      ? `goes from the root "${from.root}" to itself`
      : `is for a root "${strange.root}" that is not known here`;
  throw new LakesideError(
    'PLAN_OTHER_ROOTS',
    'validation',
    `The plan ${options.path} ${reason}. Add that root first, or make a plan for the roots you have.`,
    { context: { path: options.path } },
  );
}
