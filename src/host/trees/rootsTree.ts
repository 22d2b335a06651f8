import * as vscode from 'vscode';

import { type Clock, systemClock } from '../../base/clock.ts';
import { DisposableStore } from '../../base/disposables.ts';
import type { CallUseCase } from '../../protocol/useCases.ts';
import type { EngineClient } from '../engineClient.ts';
import { Throttle } from '../throttle.ts';
import { modelNode, type ModelNode, pairRoots, rootLabel, type RootNode } from './modelNodes.ts';
import type { ModelsModel } from './modelsModel.ts';
import { themeIcon } from './modelsTree.ts';
import { type Partial, type RootExtras, type RootFactRow, rootFacts, rootSummary } from './rootFacts.ts';

/** A row that says something about a root; commands get the root's own row. */
export class RootFactNode {
  readonly root: RootNode;
  readonly row: RootFactRow;

  constructor(root: RootNode, row: RootFactRow) {
    this.root = root;
    this.row = row;
  }
}

type RootsNode = ModelNode | RootFactNode;

/** A change shows soon, and the view is drawn anew at most this often. */
const REFRESH_MS = 2_000;
/** Looking for half-copied files walks folders: not with every change. */
const PARTIALS_MS = 60_000;

/** The tree *Roots*: whether each is there, how much room it has, and how well it is known. */
export class RootsTree implements vscode.TreeDataProvider<RootsNode>, vscode.Disposable {
  readonly #owned = new DisposableStore();
  readonly #changed = new vscode.EventEmitter<RootsNode | undefined>();
  readonly #models: ModelsModel;
  readonly #call: CallUseCase;
  readonly #clock: Clock;
  readonly #partials = new Map<
    string,
    { readonly atMs: number; readonly found: Promise<readonly Partial[] | undefined> }
  >();
  #drawn = '';

  constructor(engine: EngineClient, models: ModelsModel, clock: Clock = systemClock) {
    this.#call = engine.call;
    this.#models = models;
    this.#clock = clock;
    const soon = this.#owned.add(new Throttle(() => this.#changed.fire(undefined), REFRESH_MS, clock));
    this.#owned.add(
      models.onRootsChange((roots) => {
        const drawn = JSON.stringify(roots);
        if (drawn === this.#drawn) return;
        this.#drawn = drawn;
        soon.ask();
      }),
    );
    this.#owned.add(
      engine.on('changed', ({ topics }) => {
        if (topics.some((topic) => topic === 'files' || topic === 'roots' || topic === 'trash')) soon.ask();
      }),
    );
  }

  readonly onDidChangeTreeData = this.#changed.event;

  /** Looks for half-copied files again. */
  forgetPartials(): void {
    this.#partials.clear();
    this.#changed.fire(undefined);
  }

  async getChildren(node?: RootsNode): Promise<RootsNode[]> {
    if (node === undefined) return pairRoots(this.#models.roots).map((pair) => modelNode({ kind: 'root', ...pair }));
    if (node instanceof RootFactNode || node.kind !== 'root') return [];
    const extras = await this.#extrasOf(node);
    return rootFacts(node.root, extras, this.#clock.now()).map((row) => new RootFactNode(node, row));
  }

  getTreeItem(node: RootsNode): vscode.TreeItem {
    if (node instanceof RootFactNode) return factItem(node);
    if (node.kind !== 'root') return new vscode.TreeItem('');
    const { root } = node;
    const { Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
    const needsLook = !root.mounted || (root.rottenFiles ?? 0) > 0;
    const item = new vscode.TreeItem(rootLabel(root), needsLook ? Expanded : Collapsed);
    const { description, tooltip, icon, context, spoken } = rootSummary(root);
    // A root that needs a look opens by itself; the editor keeps what a person opened by the id.
    item.id = `${root.id}?${needsLook ? 'look' : 'well'}`;
    item.description = description;
    item.tooltip = tooltip;
    item.iconPath = themeIcon(icon);
    item.contextValue = context;
    item.accessibilityInformation = { label: spoken };
    return item;
  }

  dispose(): void {
    this.#owned.dispose();
    this.#changed.dispose();
  }

  async #extrasOf({ root }: RootNode): Promise<RootExtras> {
    if (!root.mounted) return { trash: undefined, partials: undefined };
    // What cannot be told leaves its row out: the root's own row says what is wrong with it.
    const [trash, partials] = await Promise.all([
      this.#call('trash.list', { root: root.name, limit: 1 }).catch(() => undefined),
      this.#partialsOf(root.name),
    ]);
    return { trash, partials };
  }

  #partialsOf(root: string): Promise<readonly Partial[] | undefined> {
    const known = this.#partials.get(root);
    const now = this.#clock.now();
    if (known !== undefined && now - known.atMs < PARTIALS_MS) return known.found;
    const found = this.#call('partials.list', { root }).then(
      ({ partials }) => partials.filter(({ job }) => job === undefined),
      () => undefined,
    );
    this.#partials.set(root, { atMs: now, found });
    return found;
  }
}

function factItem({ root, row }: RootFactNode): vscode.TreeItem {
  const item = new vscode.TreeItem(row.label);
  item.id = `${root.root.id}?fact=${row.fact}`;
  item.description = row.description;
  item.tooltip = row.tooltip;
  item.iconPath = themeIcon(row.icon);
  item.contextValue = `;fact;${row.fact};`;
  if (row.command !== undefined) item.command = { command: row.command, title: row.label, arguments: [root] };
  return item;
}
