import * as vscode from 'vscode';

import { type Disposable, DisposableStore } from '../../base/disposables.ts';
import type { Root } from '../../protocol/values.ts';
import type { EngineClient } from '../engineClient.ts';
import { setEngineContext, setRootContext } from '../contextKeys.ts';
import { Throttle } from '../throttle.ts';
import type { ModelNode } from './modelNodes.ts';
import type { ModelsModel } from './modelsModel.ts';
import type { ModelsTree } from './modelsTree.ts';

/** A change shows soon; while changes rain, the tree is drawn anew at most once a second. */
const GATHER_MS = 250;
const REFRESH_MS = 1_000;
/** How often it is asked whether the roots are mounted, while a person looks. */
const MOUNTS_MS = 5_000;

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

  /** No file event tells that a drive went away or came back. */
  async function lookAtMounts(): Promise<void> {
    const isLookedAt = view.visible && vscode.window.state.focused;
    if (!isLookedAt || engine.state.kind !== 'ready' || model.roots.length === 0) return;
    const before = mountsOf(model.roots);
    if (mountsOf(await model.refreshRoots()) !== before) tree.refresh();
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
  owned.add(repeatEvery(MOUNTS_MS, () => void lookAtMounts().catch(onError)));
  owned.add(model.onRootsChange(setRootContext));
  setEngineContext(engine.state);
  return owned;
}

function mountsOf(roots: readonly Root[]): string {
  return roots.map(({ id, mounted }) => `${id} ${String(mounted)}`).join('\n');
}

function repeatEvery(ms: number, run: () => void): Disposable {
  const timer = setInterval(run, ms);
  return { dispose: () => clearInterval(timer) };
}
