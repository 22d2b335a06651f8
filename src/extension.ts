import { access } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';

import { workerFile } from './base/installation.ts';
import { ApiKeys } from './host/apiKeys.ts';
import { reportApplies } from './host/applyReports.ts';
import { allCommands } from './host/commands/allCommands.ts';
import { registerCommands } from './host/commands/commandTable.ts';
import { copyFiles } from './host/commands/copyFiles.ts';
import type { EngineClient } from './host/engineClient.ts';
import { EngineProcess } from './host/engineProcess.ts';
import { registerGenerationDocuments } from './host/generationDocuments.ts';
import { registerJobReports } from './host/jobReports.ts';
import { JobsModel } from './host/jobsModel.ts';
import { LeftOutOfPlans } from './host/leftOutOfPlans.ts';
import { createLog, followEngineLog } from './host/log.ts';
import { showNotices } from './host/notices.ts';
import { PlanActions } from './host/planActions.ts';
import { registerJobPanels } from './host/panels/jobPanels.ts';
import { registerPlanEditor } from './host/panels/planEditor.ts';
import { registerStudioPanels } from './host/panels/studioPanels.ts';
import { TrashPanel } from './host/panels/trashPanel.ts';
import { offerToRemovePartials } from './host/partialsNotice.ts';
import { RootWatchers } from './host/rootWatchers.ts';
import { reportFailedRuns } from './host/runReports.ts';
import type { Services, StudioServices } from './host/services.ts';
import { isEngineAway, logError, showError } from './host/showError.ts';
import { showQueueStatus } from './host/status/queueStatusItem.ts';

import { showJobsView } from './host/trees/jobsTree.ts';
import { registerModelDecorations } from './host/trees/modelDecorations.ts';
import { ModelsDragAndDrop } from './host/trees/modelsDragAndDrop.ts';
import { ModelsModel } from './host/trees/modelsModel.ts';
import { ModelsTree } from './host/trees/modelsTree.ts';
import { keepModelsViewFresh } from './host/trees/modelsViewRefresh.ts';
import { RootsTree } from './host/trees/rootsTree.ts';
import { ProjectsModel } from './host/trees/projectsModel.ts';
import { ProjectsTree } from './host/trees/projectsTree.ts';
import { keepProjectsViewFresh } from './host/trees/projectsViewRefresh.ts';
import type { Job } from './protocol/values.ts';
import { WindowSettings, windowDataDir } from './host/windowSettings.ts';

let engine: EngineProcess | undefined;

/** What the tests in the extension host get; nobody else gets anything. */
export interface TestApi {
  readonly engine: EngineClient;
}

/** Registers everything and starts nothing: the engine starts when something first asks it, or jobs may be waiting. */
export function activate(context: vscode.ExtensionContext): TestApi | undefined {
  const own = <T extends vscode.Disposable | { dispose(): void }>(item: T): T => {
    context.subscriptions.push(item);
    return item;
  };
  const log = own(createLog());
  const reportError = (error: unknown): void => void showError(log, error);
  const settings = new WindowSettings(log);
  /** For what nobody asked for just now: that the engine is away is said once, below. */
  const reportInBackground = (error: unknown): void => {
    if (isEngineAway(started, error)) logError(log, error);
    else reportError(error);
  };

  const apiKeys = new ApiKeys(context.secrets);
  const started = own(
    new EngineProcess({
      describe: () => ({
        file: workerFile('engine'),
        workerData: { dataDir: windowDataDir(), version: versionOf(context.extension) },
      }),
      configure: (call) => settings.push(call),
      secret: (name) => apiKeys.get(name),
      log,
    }),
  );
  engine = started;
  own(followEngineLog(started, log));
  own(showNotices(started));
  own(settings.follow(started, reportInBackground));
  own(started.onStateChange((state) => state.kind === 'failed' && reportError(state.error)));

  const jobs = own(new JobsModel(started, reportInBackground));
  own(showJobsView(jobs, reportInBackground));
  own(showQueueStatus(jobs));
  own(registerJobReports(started.call, jobs));

  const models = own(new ModelsModel(started.call));
  const modelsTree = own(new ModelsTree(models, reportInBackground));
  const modelsView = own(
    vscode.window.createTreeView('lakeside.models', {
      treeDataProvider: modelsTree,
      dragAndDropController: new ModelsDragAndDrop((nodes, to) => copyFiles(services, nodes, to).catch(reportError)),
      canSelectMany: true,
      showCollapseAll: true,
    }),
  );
  own(registerModelDecorations());
  own(
    keepModelsViewFresh({
      engine: started,
      model: models,
      tree: modelsTree,
      view: modelsView,
      onError: reportInBackground,
    }),
  );
  const rootsTree = own(new RootsTree(started, models));
  own(vscode.window.createTreeView('lakeside.roots', { treeDataProvider: rootsTree }));
  const watchers = own(new RootWatchers(started, reportInBackground));
  own(models.onRootsChange((roots) => watchers.update(roots)));

  const call = started.call;
  const leftOut = new LeftOutOfPlans();
  const planActions = new PlanActions(call, leftOut);
  const planEditors = own(registerPlanEditor(context, { engine: started, actions: planActions, leftOut }));
  const jobPanels = own(
    registerJobPanels(context, { engine: started, jobs, actions: planActions, reportError: reportInBackground }),
  );
  const trashPanel = own(TrashPanel.register(context, started, reportInBackground));
  own(offerToRemovePartials(started));
  const showJob = ({ id, title }: Job): void => jobPanels.show(id, title);
  own(
    reportApplies({
      ...{ engine: started, jobs, showJob, reportError },
      actions: planActions,
      isShown: (job) => planEditors.showsJob(job),
    }),
  );
  own(registerGenerationDocuments(call));
  const panels = own(registerStudioPanels(context, started, reportInBackground));
  const projects = own(new ProjectsModel(call));
  const projectsTree = own(new ProjectsTree(projects, reportInBackground));
  const projectsView = own(
    vscode.window.createTreeView('lakeside.projects', { treeDataProvider: projectsTree, showCollapseAll: true }),
  );
  own(
    keepProjectsViewFresh({
      engine: started,
      model: projects,
      tree: projectsTree,
      view: projectsView,
      onError: reportInBackground,
    }),
  );
  own(reportFailedRuns(started, jobs, panels, showJob, reportError));

  const studio: StudioServices = {
    ...{ call, projects, projectsTree, projectsView, panels, apiKeys },
    showArchived: (shows) => {
      projects.showArchived(shows);
      projectsTree.refresh();
    },
  };
  const services: Services = {
    ...{
      engine: started,
      log,
      models,
      modelsTree,
      modelsView,
      jobs,
      studio,
      jobPanels,
      planActions,
      trashPanel,
      rootsTree,
      leftOut,
      reportError,
    },
  };
  own(registerCommands(allCommands(services, context.extension.id), reportError));
  void resumeJobs(started).catch(reportInBackground);
  return context.extensionMode === vscode.ExtensionMode.Test ? { engine: started } : undefined;
}

/** VS Code waits for this at most five seconds; the engine's jobs resume in the next window. */
export async function deactivate(): Promise<void> {
  await engine?.stop();
}

/** Jobs of an earlier session go on when VS Code opens. Where Lakeside was never used, nothing starts. */
async function resumeJobs({ call }: EngineProcess): Promise<void> {
  const database = path.join(windowDataDir(), 'lakeside.db');
  const used = await access(database).then(
    () => true,
    () => false,
  );
  if (used) await call('engine.info', {});
}

function versionOf({ packageJSON }: vscode.Extension<unknown>): string {
  const manifest: unknown = packageJSON;
  const version = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : '';
  return String(version);
}
