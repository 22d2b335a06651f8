import type { Settings } from '../protocol/settings.ts';

export type WatchMode = Settings['watch.mode'];

/** Above this chokidar takes hundreds of megabytes and stalls its thread for more than a second. */
const MAX_FILES_WATCHED_HERE = 20_000;

/** Who listens for changes of a root: the engine (chokidar), the editor's own watcher (large roots), or nobody. */
export function watcherFor(files: number, mode: WatchMode): 'engine' | 'host' | 'none' {
  if (mode === 'off') return 'none';
  return files <= MAX_FILES_WATCHED_HERE ? 'engine' : 'host';
}

/** Whether the engine's watcher looks again and again; network drives send no events of what others change. */
export function watchesByPolling(root: { readonly network: boolean }, mode: WatchMode): boolean {
  return mode === 'poll' || (mode === 'auto' && root.network);
}
