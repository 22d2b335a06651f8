import { type Disposable, DisposableStore, toDisposable } from '../base/disposables.ts';
import { toLakesideError } from '../base/errors.ts';
import { watcherFor, watchesByPolling } from '../library/watcherChoice.ts';
import { type RootWatch, watchRoot } from '../library/watchRoot.ts';
import type { RootRow } from '../store/rootStore.ts';
import type { Core } from './core.ts';
import { lookAtFolders } from './lookAtFolders.ts';

/** Keeps one watcher on each root that the engine watches; roots that come, go or grow are noticed, and the settings. */
export function watchRoots(core: Core): Disposable {
  const owned = new DisposableStore();
  const watched = new Map<string, RootWatch>();
  let again = Promise.resolve();

  async function update(): Promise<void> {
    const { ignore, 'watch.mode': mode } = core.settings();
    const wanted = new Map<string, RootRow>();
    for (const root of core.store.roots.list()) {
      const { files } = core.store.files.totals(root.key);
      // Before the first scan nothing is shown that could be stale.
      if (watcherFor(files, mode) !== 'engine' || root.scannedAt === null) continue;
      if (!(await core.mounts.probe(root)).mounted) continue;
      wanted.set(JSON.stringify([root.id, root.path, watchesByPolling(root, mode), ignore]), root);
    }
    // The engine closed while a drive was asked.
    if (owned.isDisposed) return;
    for (const [key, watch] of watched) {
      if (wanted.has(key)) continue;
      watched.delete(key);
      watch.dispose();
    }
    for (const [key, root] of wanted) {
      if (watched.has(key)) continue;
      const watch = watchRoot({
        rootPath: root.path,
        ignore,
        polling: watchesByPolling(root, mode),
        clock: core.clock,
        onFolders: (folders) => look(root, [...folders]),
        onError: (error) => report(error),
      });
      watched.set(key, watch);
    }
  }

  function look(root: RootRow, folders: readonly string[]): void {
    void lookAtFolders(core, root, folders).catch(report);
  }

  function report(error: unknown): void {
    const { code, message } = toLakesideError(error);
    core.log.write({ level: 'warn', message, data: { code } });
  }

  function schedule(): void {
    again = again.then(update).catch(report);
  }

  owned.add(core.onChanged((topics) => topics.includes('roots') && schedule()));
  owned.add(toDisposable(() => watched.forEach((watch) => watch.dispose())));
  schedule();
  return owned;
}
