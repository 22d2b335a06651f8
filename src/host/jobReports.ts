import * as vscode from 'vscode';

import type { CallUseCase } from '../protocol/useCases.ts';
import type { Job, StepResult } from '../protocol/values.ts';
import { jobReport } from './jobReport.ts';
import type { JobsModel } from './jobsModel.ts';

/** The default of what follows; tests take their own, since one scheme has one writer. */
const SCHEME = 'lakeside-job';
const PAGE = 10_000;

/** Opens what there is to know of a job as a text one can search and copy from. */
export async function openJobReport({ id, title }: Pick<Job, 'id' | 'title'>, scheme = SCHEME): Promise<void> {
  // The title names the editor; slashes in it would read as folders.
  const path = `/${title.replaceAll(/[\\/]+/g, '-')}.txt`;
  const document = await vscode.workspace.openTextDocument(vscode.Uri.from({ scheme, path, query: id }));
  await vscode.window.showTextDocument(document, { preview: true });
}

/** Writes the reports of jobs, and writes them anew when the jobs change. */
export function registerJobReports(call: CallUseCase, jobs: JobsModel, scheme = SCHEME): vscode.Disposable {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const listening = jobs.onChange(({ kind }) => {
    if (kind !== 'list') return;
    for (const { uri } of vscode.workspace.textDocuments) if (uri.scheme === scheme) changed.fire(uri);
  });
  const provider = vscode.workspace.registerTextDocumentContentProvider(scheme, {
    onDidChange: changed.event,
    async provideTextDocumentContent(uri) {
      const { job } = await call('jobs.get', { id: uri.query });
      const over = job.kind === 'apply' && job.finishedAt !== null;
      return jobReport(job, over ? await stepsToSee(call, job.id) : []);
    },
  });
  return vscode.Disposable.from(changed, listening, provider);
}

async function stepsToSee(call: CallUseCase, job: string): Promise<StepResult[]> {
  const found: StepResult[] = [];
  for (let offset = 0; ; offset += PAGE) {
    const { items, total } = await call('plans.result', { job, offset, limit: PAGE });
    found.push(...items.filter(({ status }) => status !== 'done' && status !== 'already'));
    if (items.length === 0 || offset + items.length >= total) return found;
  }
}
