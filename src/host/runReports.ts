import * as vscode from 'vscode';

import type { Job } from '../protocol/values.ts';
import type { EngineClient } from './engineClient.ts';
import { FailedRuns } from './failedRuns.ts';
import type { JobsModel } from './jobsModel.ts';
import type { StudioPanels } from './panels/studioPanels.ts';

/** Says where a run has failed, once, in the window one looks at; a run that succeeded shows by its images. */
export function reportFailedRuns(
  engine: Pick<EngineClient, 'call' | 'state'>,
  jobs: JobsModel,
  panels: StudioPanels,
  showJob: (job: Job) => void,
  reportError: (error: unknown) => void,
): vscode.Disposable {
  const failed = new FailedRuns();
  const unsaid = new Set<string>();
  const call = engine.call;

  function sayAll(): void {
    if (!vscode.window.state.focused) return;
    for (const id of unsaid) {
      unsaid.delete(id);
      const job = jobs.job(id)?.job;
      // Tried again from another window meanwhile.
      if (job?.status === 'failed') void say(job).catch(reportError);
    }
  }

  async function say(job: Job): Promise<void> {
    const message = `${job.title} failed. ${job.error?.message ?? ''}`.trim();
    const chosen = await vscode.window.showErrorMessage(message, 'Retry', 'Open work item', 'Show job');
    if (chosen === 'Retry') await call('jobs.retry', { id: job.id });
    if (chosen === 'Show job') showJob(job);
    if (chosen !== 'Open work item') return;
    const { runs } = await call('runs.list', { states: ['failed'], limit: 200 });
    const run = runs.find(({ job: id }) => id === job.id);
    if (run !== undefined) panels.items.show(run.item);
  }

  return vscode.Disposable.from(
    jobs.onChange(({ kind }) => {
      // An engine that is away has no jobs, which says nothing of them.
      if (kind !== 'list' || engine.state.kind !== 'ready') return;
      for (const { id } of failed.newlyFailed(jobs.jobs.map(({ job }) => job))) unsaid.add(id);
      sayAll();
    }),
    vscode.window.onDidChangeWindowState(sayAll),
  );
}
