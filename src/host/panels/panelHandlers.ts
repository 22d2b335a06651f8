import * as vscode from 'vscode';

import { LakesideError } from '../../base/errors.ts';
import type { Contract, Handlers } from '../../protocol/rpc.ts';
import type { sharedHostRequests } from '../../protocol/panels/panelParts.ts';

type SharedHandlers = Handlers<Contract<typeof sharedHostRequests>>;

/** What every panel's host does. */
export const sharedHandlers: SharedHandlers = {
  'panel.copyText': async ({ text }) => {
    await vscode.env.clipboard.writeText(text);
    return null;
  },
  'panel.showJob': ({ job }) => runCommand('lakeside.showJob', job),
};

/** Runs a command of the editor for a panel, and says so where the editor could not. */
export async function runCommand(command: string, ...args: unknown[]): Promise<null> {
  try {
    await vscode.commands.executeCommand(command, ...args);
  } catch (cause) {
    throw new LakesideError('EDITOR_REFUSED', 'infra', `VS Code could not do this here (${command}).`, { cause });
  }
  return null;
}

export function reportProtocolError(error: LakesideError): void {
  // A fault of ours, for whoever looks into the developer tools; there is nobody to answer.
  queueMicrotask(() => {
    throw error;
  });
}
