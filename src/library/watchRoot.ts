import { relative } from 'node:path';
import { watch } from 'chokidar';

import { type Clock, systemClock } from '../base/clock.ts';
import { type Disposable, DisposableStore, toDisposable } from '../base/disposables.ts';
import { toLakesideError, type LakesideError } from '../base/errors.ts';
import { baseName, parentFolder } from '../base/relpath.ts';
import { BurstGatherer } from './burstGatherer.ts';
import { compileIgnoreRules } from './ignoreRules.ts';

const POLL_EVERY_MS = 5_000;

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
