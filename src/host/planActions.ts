import * as vscode from 'vscode';

import { LakesideError } from '../base/errors.ts';
import { formatQuantity } from '../base/format.ts';
import type { CallOptions, CallUseCase } from '../protocol/useCases.ts';
import { applyConfirmed, type Confirmation, confirmLabel } from './applyConfirmed.ts';
import { newPlanFile, openPlanFile } from './commands/planFiles.ts';
import type { LeftOutOfPlans } from './leftOutOfPlans.ts';
import { cancelable, PLAN_TIMEOUT_MS } from './progress.ts';
import { requireTrust } from './trust.ts';

/** Last copies are named one by one; more than this nobody reads. */
const NAMED_AT_ONCE = 1_000;
const NAMES_IN_DIALOG = 10;

/** What is done to plans that asks the person something, for the Plan panel and the commands alike. */
export class PlanActions {
  readonly #call: CallUseCase;
  readonly #leftOut: LeftOutOfPlans;

  constructor(call: CallUseCase, leftOut: LeftOutOfPlans) {
    this.#call = call;
    this.#leftOut = leftOut;
  }

  /** Applies a plan, after a question in numbers where it changes much. */
  async apply(plan: string, options?: CallOptions): Promise<{ job: string }> {
    requireTrust('nothing is applied');
    return applyConfirmed(this.#call, plan, askToConfirm, options);
  }

  /** Makes the plan that takes back what a job did, and opens it. Nothing is done before that is applied. */
  async undo(job: string): Promise<void> {
    const call = this.#call;
    const made = await cancelable('Looking at what can be undone', (signal) =>
      call('plans.undo', { job }, { signal, timeoutMs: PLAN_TIMEOUT_MS }),
    );
    const { copy, move, delete: deletes } = made.header.summary;
    if (copy.count + move.count + deletes.count === 0) {
      const [first] = made.problems ?? [];
      const why = first === undefined ? 'Everything is as it was before.' : first.message;
      void vscode.window.showWarningMessage(`Nothing of this can be undone. ${why}`);
      return;
    }
    const { from, to } = made.header;
    const path = await newPlanFile('undo', from.root, to.root);
    await call('plans.save', { plan: made.plan, path }, { timeoutMs: PLAN_TIMEOUT_MS });
    this.#leftOut.note(path, made.problems);
    await openPlanFile(path);
  }

  /** Opens the plan that a job applies, or applied. */
  async openPlanOf(job: string): Promise<void> {
    const call = this.#call;
    const { plan } = await call('plans.result', { job, limit: 1 });
    if (plan === undefined) throw new LakesideError('JOB_HAS_NO_PLAN', 'validation', 'This job applies no plan.');
    const [{ header }, { job: applied }] = await Promise.all([
      call('plans.info', { plan }),
      call('jobs.get', { id: job }),
    ]);
    // Of the job's own time, so that it is one file however often it is asked for.
    const path = await newPlanFile(header.kind, header.from.root, header.to.root, new Date(applied.createdAt));
    await call('plans.save', { plan, path }, { timeoutMs: PLAN_TIMEOUT_MS });
    await openPlanFile(path);
  }

  /** Lets the person name the last copies that were skipped and may go; true where they named some. */
  async nameLastCopies(plan: string): Promise<boolean> {
    requireTrust('nothing is removed');
    const { items } = await this.#call('plans.page', { plan, filter: { statuses: ['skipped'] }, limit: 2_000 });
    const paths = items.filter(({ code }) => code === 'LAST_COPY').map(({ path }) => path);
    const chosen = await vscode.window.showQuickPick(
      paths.slice(0, NAMED_AT_ONCE).map((label) => ({ label })),
      {
        title: 'Which last copies may go?',
        placeHolder: 'Tick each file whose content you do not want to keep anywhere',
        canPickMany: true,
      },
    );
    if (chosen === undefined || chosen.length === 0) return false;
    const names = chosen.map(({ label }) => label);
    if (!(await askToLoseLastCopies(names))) return false;
    await this.#call('plans.nameLastCopies', { plan, paths: names, allowed: true });
    return true;
  }
}

async function askToConfirm(confirmation: Confirmation): Promise<boolean> {
  const { question, afterwards } = confirmation;
  const button = confirmLabel(confirmation);
  return (await vscode.window.showWarningMessage(question, { modal: true, detail: afterwards }, button)) === button;
}

/** Nothing brings these back, so they are said by name. */
export async function askToLoseLastCopies(names: readonly string[]): Promise<boolean> {
  const message =
    names.length === 1
      ? `Remove the last copy of ${names[0] ?? ''}?`
      : `Remove the last copies of ${formatQuantity(names.length, 'file')}?`;
  const shown = names.slice(0, NAMES_IN_DIALOG).map((name) => `• ${name}`);
  const more = names.length - shown.length;
  const detail = [
    'No other folder that Lakeside knows holds this content. Nothing can bring it back.',
    '',
    ...shown,
    ...(more > 0 ? [`… and ${formatQuantity(more, 'more file', 'more files')}`] : []),
  ].join('\n');
  const button =
    names.length === 1 ? 'Remove the last copy' : `Remove ${formatQuantity(names.length, 'last copy', 'last copies')}`;
  return (await vscode.window.showWarningMessage(message, { modal: true, detail }, button)) === button;
}
