import * as vscode from 'vscode';

import type { Disposable } from '../base/disposables.ts';
import { applySummarySchema, type Job } from '../protocol/values.ts';
import type { EngineClient } from './engineClient.ts';
import type { JobsModel } from './jobsModel.ts';
import { NewlyOver } from './newlyOver.ts';
import type { PlanActions } from './planActions.ts';
import { jobRow } from './trees/jobView.ts';

export interface ApplyReportParts {
  readonly engine: Pick<EngineClient, 'state'>;
  readonly jobs: JobsModel;
  readonly actions: PlanActions;
  /** Whether the Plan panel on the screen says it all. */
  readonly isShown: (job: string) => Promise<boolean>;
  readonly showJob: (job: Job) => void;
  readonly reportError: (error: unknown) => void;
}

/** Says what an apply did when it is over, in the window one looks at, with a way to take it back. */
export function reportApplies(parts: ApplyReportParts): Disposable {
  const { engine, jobs, actions, isShown, showJob, reportError } = parts;
  const over = new NewlyOver('apply');

  async function say(job: Job): Promise<void> {
    if (await isShown(job.id)) return;
    const summary = applySummarySchema.safeParse(job.result).data;
    const undo = 'Undo…';
    const details = 'Show job';
    const did = summary === undefined || summary.done > 0;
    const words = jobRow({ job, rate: undefined }).description;
    const message = `${job.title}: ${words}`;
    const chosen =
      job.status === 'failed'
        ? await vscode.window.showErrorMessage(message, details, undo)
        : await vscode.window.showInformationMessage(message, ...(did ? [undo] : []), details);
    if (chosen === undo) await actions.undo(job.id);
    if (chosen === details) showJob(job);
  }

  return jobs.onChange(({ kind }) => {
    // An engine that is away has no jobs, which says nothing of them.
    if (kind !== 'list' || engine.state.kind !== 'ready') return;
    for (const job of over.of(jobs.jobs.map((each) => each.job))) {
      // A cancellation was asked for here, or in the window one looks at.
      if (job.status === 'canceled' || !vscode.window.state.focused) continue;
      void say(job).catch(reportError);
    }
  });
}
