import { open, stat } from 'node:fs/promises';

import { errnoOf, fileError, LakesideError } from '../base/errors.ts';
import { writeStreamAtomic } from '../base/writeStreamAtomic.ts';
import { PLAN_FORMAT, type PlanHeader, type PlanItem } from '../protocol/planFile.ts';
import { addToSummary, emptyPlanSummary } from '../protocol/planTotals.ts';
import type { PlanStore } from '../store/planStore.ts';
import { PlanSealer } from './planSeal.ts';

/** However another program laid a plan out, it says there what it is. */
const PLAN_START_BYTES = 4_096;

/** Writes a plan file as a stream: the header field by field, then one item a line, the seal last. */
export async function writePlanFile(path: string, header: PlanHeader, items: Iterable<PlanItem>): Promise<void> {
  await writeStreamAtomic(path, planFileText(header, items));
}

/** The text of a plan file, piece by piece. `planFileReader.ts` knows these lines. */
export function* planFileText(header: PlanHeader, items: Iterable<PlanItem>): Generator<string> {
  const { format, version, kind, from, to, options, summary, seal } = header;
  yield `{"format":${JSON.stringify(format)},"version":${JSON.stringify(version)},"kind":${JSON.stringify(kind)},\n`;
  for (const [name, value] of Object.entries({ from, to, options, summary })) {
    yield `${JSON.stringify(name)}:${JSON.stringify(value)},\n`;
  }
  yield '"items":[';
  let separator = '\n';
  for (const item of items) {
    yield separator + itemText(item);
    separator = ',\n';
  }
  yield `\n],\n"seal":${JSON.stringify(seal)}}\n`;
}

function itemText({ op, path, movedFrom, fromPath, direction, trashed, lastCopy, expect }: PlanItem): string {
  return JSON.stringify({ op, path, movedFrom, fromPath, direction, trashed, lastCopy, expect });
}

/**
 * Writes the ticked steps of a plan in the store as a plan file, sealed anew if ticks changed; the file then is the plan.
 * The steps are those ticked at the call, whatever another window ticks meanwhile.
 * @throws LakesideError FILE_EXISTS where something else than a plan has that name; else by errno
 */
export async function savePlan(store: PlanStore, plan: string, path: string): Promise<PlanHeader> {
  await requirePlanOrNothing(path);
  const steps = store.tickedSteps(plan);
  const header = sealSteps(store, plan, steps);
  await writePlanFile(path, header, itemsOf(store, plan, steps));
  await store.markSaved(plan, header, path);
  return header;
}

/** The header of a plan of the ticked steps alone. */
export function sealTicked(store: PlanStore, plan: string): PlanHeader {
  return sealSteps(store, plan, store.tickedSteps(plan));
}

function sealSteps(store: PlanStore, plan: string, steps: readonly number[]): PlanHeader {
  const { summary: _summary, seal: _seal, ...preamble } = store.header(plan);
  const sealer = new PlanSealer(preamble);
  const summary = emptyPlanSummary();
  for (const item of itemsOf(store, plan, steps)) {
    sealer.add(item);
    addToSummary(summary, item);
  }
  return { ...preamble, summary, seal: sealer.seal(summary) };
}

function* itemsOf(store: PlanStore, plan: string, steps: readonly number[]): Generator<PlanItem> {
  for (const { item } of store.items(plan, steps)) yield item;
}

/** A name typed wrongly must not cost a model, or the marker of a root: nothing brings back what a plan was written over. */
async function requirePlanOrNothing(path: string): Promise<void> {
  if (await mayBeReplaced(path)) return;
  throw new LakesideError(
    'FILE_EXISTS',
    'validation',
    `${path} is there already and is not a plan, so it was left as it is. Name another file.`,
    { context: { path } },
  );
}

async function mayBeReplaced(path: string): Promise<boolean> {
  try {
    const stats = await stat(path);
    // What is no file is refused by whoever writes.
    if (!stats.isFile() || stats.size === 0) return true;
    const file = await open(path);
    try {
      const buffer = Buffer.alloc(PLAN_START_BYTES);
      const { bytesRead } = await file.read(buffer, 0, PLAN_START_BYTES, 0);
      return buffer.toString('utf8', 0, bytesRead).includes(PLAN_FORMAT);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return true;
    throw fileError('write', path, error);
  }
}
