import * as vscode from 'vscode';

import { type Disposable, DisposableStore } from '../base/disposables.ts';
import type { Root } from '../protocol/values.ts';
import { changedFolder } from './changedFolders.ts';
import type { EngineClient } from './engineClient.ts';
import { Throttle } from './throttle.ts';

/** A burst of changes is looked at once. */
const GATHER_MS = 250;
/** More folders than the engine takes at once: then all of the root is looked at. */
const MAX_FOLDERS = 10_000;

/** Watches, with the editor's own watcher, the roots that are too large for the engine's. Events are only hints. */
export class RootWatchers implements Disposable {
  readonly #engine: EngineClient;
  readonly #onError: (error: unknown) => void;
  readonly #watched = new Map<string, Disposable>();

  constructor(engine: EngineClient, onError: (error: unknown) => void) {
    this.#engine = engine;
    this.#onError = onError;
  }

  /** Watches exactly those of these roots that want it. */
  update(roots: readonly Root[]): void {
    const wanted = new Map(
      roots.filter((root) => root.watcher === 'host' && root.mounted).map((root) => [`${root.id} ${root.path}`, root]),
    );
    for (const [key, watching] of this.#watched) {
      if (wanted.has(key)) continue;
      watching.dispose();
      this.#watched.delete(key);
    }
    for (const [key, root] of wanted) {
      if (!this.#watched.has(key)) this.#watched.set(key, this.#watch(root));
    }
  }

  dispose(): void {
    this.update([]);
  }

  #watch(root: Root): Disposable {
    const owned = new DisposableStore();
    const folders = new Set<string>();
    const gather = owned.add(
      new Throttle(
        () => {
          const batch = [...folders];
          folders.clear();
          void this.#look(root, batch).catch(this.#onError);
        },
        GATHER_MS,
        undefined,
        GATHER_MS,
      ),
    );
    const note = (uri: vscode.Uri): void => {
      const folder = changedFolder(root.path, uri.fsPath);
      if (folder === undefined) return;
      folders.add(folder);
      gather.ask();
    };
    const watcher = owned.add(
      vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(vscode.Uri.file(root.path), '**/*')),
    );
    owned.add(watcher.onDidCreate(note));
    owned.add(watcher.onDidChange(note));
    owned.add(watcher.onDidDelete(note));
    return owned;
  }

  async #look(root: Root, folders: string[]): Promise<void> {
    // An engine that is down looks for itself when it starts.
    if (this.#engine.state.kind !== 'ready') return;
    if (folders.length > MAX_FOLDERS) await this.#engine.call('library.scan', { roots: [root.name] });
    else await this.#engine.call('library.look', { root: root.name, folders });
  }
}
