import type * as vscode from 'vscode';

import type { EngineClient } from './engineClient.ts';
import type { ApiKeys } from './apiKeys.ts';
import type { JobsModel } from './jobsModel.ts';
import type { LeftOutOfPlans } from './leftOutOfPlans.ts';
import type { PlanActions } from './planActions.ts';
import type { JobPanels } from './panels/jobPanels.ts';
import type { StudioPanels } from './panels/studioPanels.ts';
import type { CallUseCase } from '../protocol/useCases.ts';
import type { TrashPanel } from './panels/trashPanel.ts';
import type { RootsTree } from './trees/rootsTree.ts';
import type { ModelNode } from './trees/modelNodes.ts';
import type { ModelsModel } from './trees/modelsModel.ts';
import type { ModelsTree } from './trees/modelsTree.ts';
import type { StudioNode } from './trees/projectNodes.ts';
import type { ProjectsModel } from './trees/projectsModel.ts';
import type { ProjectsTree } from './trees/projectsTree.ts';

/** What the studio's commands stand on. */
export interface StudioServices {
  readonly call: CallUseCase;
  readonly projects: ProjectsModel;
  readonly projectsTree: ProjectsTree;
  readonly projectsView: vscode.TreeView<StudioNode>;
  readonly panels: StudioPanels;
  readonly apiKeys: ApiKeys;
  /** Whether archived brands, projects and work items are in the tree. */
  readonly showArchived: (shows: boolean) => void;
}

/** What commands stand on; put together in extension.ts. */
export interface Services {
  readonly engine: EngineClient;
  readonly log: vscode.LogOutputChannel;
  readonly models: ModelsModel;
  readonly modelsTree: ModelsTree;
  readonly modelsView: vscode.TreeView<ModelNode>;
  readonly jobs: JobsModel;
  readonly studio: StudioServices;
  readonly jobPanels: JobPanels;
  readonly planActions: PlanActions;
  readonly trashPanel: TrashPanel;
  readonly rootsTree: RootsTree;
  readonly leftOut: LeftOutOfPlans;
  /** Shows an error to the person; never rejects. */
  readonly reportError: (error: unknown) => void;
}
