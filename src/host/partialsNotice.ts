import * as vscode from 'vscode';

import type { Disposable } from '../base/disposables.ts';
import { formatBytes, formatQuantity } from '../base/format.ts';
import type { EngineClient } from './engineClient.ts';

/** Offers, once a session, to remove what broken-off copies left and nobody will go on with. */
export function offerToRemovePartials(engine: EngineClient): Disposable {
  let offered = false;

  async function offer(): Promise<void> {
    const { partials } = await engine.call('partials.list', {});
    const left = partials.filter(({ job }) => job === undefined);
    if (left.length === 0) return;
    const bytes = left.reduce((sum, { size }) => sum + size, 0);
    const remove = 'Remove…';
    const message = `${formatQuantity(left.length, 'half-copied file')} (${formatBytes(bytes)}) of transfers that nobody will go on with ${left.length === 1 ? 'is' : 'are'} left over.`;
    const chosen = await vscode.window.showInformationMessage(message, remove, 'Not now');
    if (chosen === remove) await vscode.commands.executeCommand('lakeside.removePartials');
  }

  return engine.onStateChange(({ kind }) => {
    if (kind !== 'ready' || offered) return;
    offered = true;
    // Nobody asked for it: where it cannot be told, the view Roots says what is wrong.
    void offer().catch(() => undefined);
  });
}
