import * as vscode from 'vscode';

import { LakesideError } from '../../base/errors.ts';
import type { Workflow } from '../../protocol/studioValues.ts';
import type { CallUseCase } from '../../protocol/useCases.ts';

const IMAGE_FILES = ['png', 'jpg', 'jpeg', 'webp'];

/** Asks for a workflow and imports it; undefined when the person gave up. */
export async function importWorkflow(call: CallUseCase, from?: vscode.Uri): Promise<Workflow | undefined> {
  const file = from === undefined ? await chooseFile('Import workflow', WORKFLOW_FILES) : localFile(from);
  if (file === undefined) return undefined;
  return (await call('workflows.import', { path: file })).workflow;
}

const WORKFLOW_FILES = { 'Workflows in API format, and images ComfyUI made': ['json', 'png'] };

/** Asks for an image file; undefined when the person gave up. */
export async function chooseImage(title = 'Choose image'): Promise<string | undefined> {
  return chooseFile(title, { Images: IMAGE_FILES });
}

async function chooseFile(title: string, filters: Record<string, string[]>): Promise<string | undefined> {
  const chosen = await vscode.window.showOpenDialog({ title, openLabel: title, filters, canSelectMany: false });
  const [file] = chosen ?? [];
  return file === undefined ? undefined : localFile(file);
}

/** The absolute path of a file of this machine. */
export function localFile(uri: vscode.Uri): string {
  if (uri.scheme === 'file') return uri.fsPath;
  throw new LakesideError(
    'FILE_NOT_LOCAL',
    'validation',
    `${uri.path} does not lie on the machine Lakeside runs on. Save a copy of it there first.`,
  );
}
