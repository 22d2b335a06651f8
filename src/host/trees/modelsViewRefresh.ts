import * as vscode from 'vscode';

import { type Disposable, DisposableStore } from '../../base/disposables.ts';
import type { EngineClient } from '../engineClient.ts';
import { setEngineContext, setRootContext } from '../contextKeys.ts';
import { Throttle } from '../throttle.ts';
import type { ModelNode } from './modelNodes.ts';
import type { ModelsModel } from './modelsModel.ts';
import type { ModelsTree } from './modelsTree.ts';

/** A change shows soon; while changes rain, the tree is drawn anew at most once a second. */
const GATHER_MS = 250;
const REFRESH_MS = 1_000;

export interface ModelsViewParts {
  readonly engine: EngineClient;
  readonly model: ModelsModel;
  readonly tree: ModelsTree;
  readonly view: vscode.TreeView<ModelNode>;
  readonly onError: (error: unknown) => void;
}

/** Keeps the Models view and what depends on the roots as the engine says things are. */
export function keepModelsViewFresh({ engine, model, tree, view, onError }: ModelsViewParts): Disposable {
  const owned = new DisposableStore();
  let stale = false;

  /** A view that nobody sees is drawn when it is shown; the roots are wanted all the same. */
  function refresh(): void {
    stale = !view.visible;
    if (view.visible) tree.refresh();
    else if (engine.state.kind === 'ready') void model.refreshRoots().catch(onError);
  }

  const soon = owned.add(new Throttle(refresh, REFRESH_MS, undefined, GATHER_MS));
  owned.add(
    engine.onStateChange((state) => {
      setEngineContext(state);
      if (state.kind === 'ready' || state.kind === 'failed') soon.ask();
    }),
  );
  owned.add(
    engine.on('changed', ({ topics }) => {
      if (topics.includes('roots') || topics.includes('files')) soon.ask();
    }),
  );
  owned.add(
    view.onDidChangeVisibility(({ visible }) => {
      if (visible && stale) soon.ask();
    }),
  );
  owned.add(
    // A drive may have been connected meanwhile.
    vscode.window.onDidChangeWindowState(({ focused }) => {
      if (focused && engine.state.kind === 'ready') soon.ask();
    }),
  );
  owned.add(model.onRootsChange(setRootContext));
  setEngineContext(engine.state);
  return owned;
}
