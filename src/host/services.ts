import type * as vscode from 'vscode';

import type { EngineClient } from './engineClient.ts';
import type { JobsModel } from './jobsModel.ts';
import type { ModelNode } from './trees/modelNodes.ts';
import type { ModelsModel } from './trees/modelsModel.ts';
import type { ModelsTree } from './trees/modelsTree.ts';

/** What commands stand on; put together in extension.ts. */
export interface Services {
  readonly engine: EngineClient;
  readonly log: vscode.LogOutputChannel;
  readonly models: ModelsModel;
  readonly modelsTree: ModelsTree;
  readonly modelsView: vscode.TreeView<ModelNode>;
  readonly jobs: JobsModel;
  /** Shows an error to the person; never rejects. */
  readonly reportError: (error: unknown) => void;
}
