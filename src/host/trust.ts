import * as vscode from 'vscode';

import { LakesideError } from '../base/errors.ts';

/**
 * In a workspace that is not trusted one may look, and nothing is written to a root.
 * @param what ends the sentence: `nothing is copied`
 */
export function requireTrust(what: string): void {
  if (vscode.workspace.isTrusted) return;
  throw new LakesideError(
    'WORKSPACE_UNTRUSTED',
    'policy',
    `This workspace is not trusted, so ${what}. Trust the workspace first.`,
  );
}
