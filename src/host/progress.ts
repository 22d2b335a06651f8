import * as vscode from 'vscode';

/** Hashing what only content can decide may take as long as the disks need. */
export const CONTENT_TIMEOUT_MS = 24 * 3_600_000;
/** A plan of 100,000 steps on a slow drive. */
export const PLAN_TIMEOUT_MS = 600_000;

/** Shows that the view *Models* is busy while a short piece of work is under way. */
export async function inModelsView<T>(work: () => Promise<T>): Promise<T> {
  return vscode.window.withProgress({ location: { viewId: 'lakeside.models' } }, work);
}

/** Work that may take long: a notification with a *Cancel* button. */
export async function cancelable<T>(title: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, async (_progress, token) => {
    const abort = new AbortController();
    const listening = token.onCancellationRequested(() => abort.abort());
    try {
      return await work(abort.signal);
    } finally {
      listening.dispose();
    }
  });
}
