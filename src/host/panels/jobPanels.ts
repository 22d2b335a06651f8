import * as vscode from 'vscode';

import { DisposableStore } from '../../base/disposables.ts';
import {
  JOB_PANEL_USE_CASES,
  jobPanelContract,
  type JobPanelContract,
  jobPanelStateSchema,
} from '../../protocol/panels/jobPanel.ts';
import type { CallUseCase } from '../../protocol/useCases.ts';
import { requireTrust } from '../trust.ts';
import { openJobReport } from '../jobReports.ts';
import type { JobsModel } from '../jobsModel.ts';
import type { PlanActions } from '../planActions.ts';
import type { PanelEngine, PanelHostHandlers } from './panelBridge.ts';
import { sharedHandlers } from './panelHandlers.ts';
import { createStudioView, noPictures, StudioPanel, type StudioPanelParts } from './studioPanel.ts';

export const JOB_VIEW_TYPE = 'lakeside.job';

export interface JobPanelParts extends Omit<StudioPanelParts, 'places'> {
  readonly call: CallUseCase;
  readonly openPlan: (job: string) => Promise<void>;
  readonly undo: (job: string) => Promise<void>;
  readonly showAsText: (job: string) => Promise<void>;
}

/** The Job panels; those that were open when VS Code closed open again. */
export function registerJobPanels(
  { extensionUri }: Pick<vscode.ExtensionContext, 'extensionUri'>,
  parts: {
    readonly engine: PanelEngine;
    readonly jobs: JobsModel;
    readonly actions: Pick<PlanActions, 'openPlanOf' | 'undo'>;
    readonly reportError: (error: unknown) => void;
  },
): JobPanels {
  const { engine, jobs, actions, reportError } = parts;
  const panels = new JobPanels({
    ...{ extensionUri, engine, call: engine.call, reportError },
    openPlan: (job) => actions.openPlanOf(job),
    undo: (job) => actions.undo(job),
    showAsText: (job) => openJobReport(jobs.job(job)?.job ?? { id: job, title: 'Job' }),
  });
  panels.owned.add(vscode.window.registerWebviewPanelSerializer(JOB_VIEW_TYPE, panels));
  return panels;
}

/** The Job panels of a window: one for each job. */
export class JobPanels implements vscode.WebviewPanelSerializer, vscode.Disposable {
  readonly #parts: JobPanelParts;
  readonly owned = new DisposableStore();
  readonly #open = new Map<string, StudioPanel<JobPanelContract>>();

  constructor(parts: JobPanelParts) {
    this.#parts = parts;
  }

  /** @param title of the job, until the engine says it */
  show(job: string, title = 'Job'): void {
    const opened = this.#open.get(job);
    if (opened === undefined) this.#fill(createStudioView(JOB_VIEW_TYPE, title), job);
    else opened.view.reveal();
  }

  /** VS Code has the panel of the last session again. */
  deserializeWebviewPanel(view: vscode.WebviewPanel, state: unknown): Promise<void> {
    const job = jobPanelStateSchema.safeParse(state).data?.job;
    if (job === undefined || this.#open.has(job)) view.dispose();
    else this.#fill(view, job);
    return Promise.resolve();
  }

  dispose(): void {
    this.owned.dispose();
    for (const panel of this.#open.values()) panel.dispose();
  }

  #fill(view: vscode.WebviewPanel, job: string): void {
    const panel = StudioPanel.open<JobPanelContract, typeof JOB_PANEL_USE_CASES>({
      ...this.#parts,
      places: noPictures,
      panel: view,
      name: 'job',
      contract: jobPanelContract,
      useCases: JOB_PANEL_USE_CASES,
      handlers: () => this.#handlers(job),
    });
    this.#open.set(job, panel);
    panel.onEnd(() => this.#open.delete(job));
    const nameIt = async (): Promise<void> => {
      view.title = (await this.#parts.call('jobs.get', { id: job })).job.title;
    };
    void nameIt().catch(() => undefined); // The page says that there is no such job.
    // The page asks again whether one may do more than look.
    panel.owned.add(vscode.workspace.onDidGrantWorkspaceTrust(() => panel.emit('changed', { topics: ['jobs'] })));
  }

  #handlers(job: string): PanelHostHandlers<JobPanelContract, typeof JOB_PANEL_USE_CASES> {
    const { call, openPlan, undo, showAsText } = this.#parts;
    return {
      ...sharedHandlers,
      'jobs.retry': (input, { signal, idempotencyKey }) => {
        requireTrust('nothing is copied');
        return call('jobs.retry', input, { signal, idempotencyKey });
      },
      'job.shown': () => ({ job, trusted: vscode.workspace.isTrusted }),
      'job.openPlan': async () => {
        await openPlan(job);
        return null;
      },
      'job.undo': async () => {
        await undo(job);
        return null;
      },
      'job.asText': async () => {
        await showAsText(job);
        return null;
      },
    };
  }
}
