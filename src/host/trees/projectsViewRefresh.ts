import type * as vscode from 'vscode';

import { type Disposable, DisposableStore } from '../../base/disposables.ts';
import { setStudioContext } from '../contextKeys.ts';
import type { EngineClient } from '../engineClient.ts';
import { Throttle } from '../throttle.ts';
import type { StudioNode } from './projectNodes.ts';
import type { ProjectsModel } from './projectsModel.ts';
import type { ProjectsTree } from './projectsTree.ts';

/** A change shows soon; while images rain, the tree is drawn anew at most once a second. */
const GATHER_MS = 150;
const REFRESH_MS = 1_000;
const TOPICS: ReadonlySet<string> = new Set(['studio', 'runs', 'images']);

export interface ProjectsViewParts {
  readonly engine: EngineClient;
  readonly model: ProjectsModel;
  readonly tree: ProjectsTree;
  readonly view: vscode.TreeView<StudioNode>;
  readonly onError: (error: unknown) => void;
}

/** Keeps the Projects view, and what depends on there being a brand, as the engine says things are. */
export function keepProjectsViewFresh({ engine, model, tree, view, onError }: ProjectsViewParts): Disposable {
  const owned = new DisposableStore();
  let stale = false;

  /** A view that nobody sees is drawn when it is shown. */
  function refresh(): void {
    stale = !view.visible;
    if (view.visible) tree.refresh();
    else if (engine.state.kind === 'ready') void model.refreshBrands().catch(onError);
  }

  const soon = owned.add(new Throttle(refresh, REFRESH_MS, undefined, GATHER_MS));
  owned.add(
    engine.onStateChange(({ kind }) => {
      if (kind === 'ready' || kind === 'failed') soon.ask();
    }),
  );
  owned.add(
    engine.on('changed', ({ topics }) => {
      if (topics.some((topic) => TOPICS.has(topic))) soon.ask();
    }),
  );
  owned.add(
    view.onDidChangeVisibility(({ visible }) => {
      if (visible && stale) soon.ask();
    }),
  );
  owned.add(model.onBrandsChange((brands) => setStudioContext(brands, model.showsArchived)));
  return owned;
}
