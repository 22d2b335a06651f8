import { relative } from 'node:path';
import { watch } from 'chokidar';

import { type Clock, systemClock } from '../base/clock.ts';
import { type Disposable, DisposableStore, toDisposable } from '../base/disposables.ts';
import { toLakesideError, type LakesideError } from '../base/errors.ts';
import { baseName, parentFolder } from '../base/relpath.ts';
import type { Settings } from '../protocol/settings.ts';
import { BurstGatherer } from './burstGatherer.ts';
import { compileIgnoreRules } from './ignoreRules.ts';

export type WatchMode = Settings['watch.mode'];

/** Above this chokidar takes hundreds of megabytes and stalls its thread for more than a second. */
const MAX_FILES_WATCHED_HERE = 20_000;
const POLL_EVERY_MS = 5_000;

/** Who listens for changes of a root: the engine (chokidar), the editor's own watcher (large roots), or nobody. */
export function watcherFor(
  _root: { readonly network: boolean },
  files: number,
  mode: WatchMode,
): 'engine' | 'host' | 'none' {
  if (mode === 'off') return 'none';
  return files <= MAX_FILES_WATCHED_HERE ? 'engine' : 'host';
}

/** Whether the engine's watcher looks again and again; network drives send no events of what others change. */
export function watchesByPolling(root: { readonly network: boolean }, mode: WatchMode): boolean {
  return mode === 'poll' || (mode === 'auto' && root.network);
}

export interface WatchOptions {
  /** Absolute path of the root. */
  readonly rootPath: string;
  readonly ignore: readonly string[];
  readonly polling: boolean;
  /** Folders in which something may have changed, gathered over a burst. A hint: look at them again. */
  readonly onFolders: (folders: ReadonlySet<string>) => void;
  readonly onError: (error: LakesideError) => void;
  readonly clock?: Clock | undefined;
}

export interface RootWatch extends Disposable {
  /** Settles once every folder is listened to. */
  readonly ready: Promise<unknown>;
}

/** Listens for changes below a root. Links are not followed, ignored folders not entered. */
export function watchRoot(options: WatchOptions): RootWatch {
  const ignore = compileIgnoreRules(options.ignore);
  const owned = new DisposableStore();
  const burst = owned.add(new BurstGatherer(options.clock ?? systemClock, options.onFolders));
  const ready = Promise.withResolvers<undefined>();
  const toRelpath = (path: string): string => relative(options.rootPath, path).replaceAll('\\', '/');
  const watcher = watch(options.rootPath, {
    ignoreInitial: true,
    followSymlinks: false,
    usePolling: options.polling,
    interval: POLL_EVERY_MS,
    binaryInterval: POLL_EVERY_MS,
    ignored: (path) => {
      const relpath = toRelpath(path);
      if (relpath === '') return false;
      const name = baseName(relpath);
      return ignore.ignoresFolder(relpath, name) || ignore.ignoresFile(relpath, name);
    },
  });
  watcher.on('all', (_event, path) => burst.add(parentFolder(toRelpath(path))));
  watcher.on('error', (error) => options.onError(toLakesideError(error)));
  watcher.on('ready', () => ready.resolve(undefined));
  owned.add(
    toDisposable(() => {
      ready.resolve(undefined);
      watcher.close().catch((error: unknown) => options.onError(toLakesideError(error)));
    }),
  );
  return { ready: ready.promise, dispose: () => owned.dispose() };
}
