import path from 'node:path';
import * as vscode from 'vscode';

import { PLAN_SUFFIX, type PlanHeader } from '../../protocol/planFile.ts';
import { PLAN_VIEW_TYPE } from '../panels/planEditor.ts';
import { windowDataDir } from '../windowSettings.ts';
import { planFileName } from './planFileName.ts';

/** The folder of the plans that Lakeside makes. */
export function plansDir(): string {
  return path.join(windowDataDir(), 'plans');
}

/** An absolute path for a new plan file; its folder is there afterwards. */
export async function newPlanFile(
  kind: PlanHeader['kind'],
  from: string,
  to: string,
  time = new Date(),
): Promise<string> {
  const folder = plansDir();
  await vscode.workspace.fs.createDirectory(vscode.Uri.file(folder));
  return path.join(folder, planFileName(kind, from, to, time));
}

/** Opens a plan file in the Plan panel. */
export async function openPlanFile(file: string): Promise<void> {
  await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(file), PLAN_VIEW_TYPE, { preview: false });
}

/** Lets the person choose a plan file, beginning where Lakeside writes them. */
export async function choosePlanFile(): Promise<vscode.Uri | undefined> {
  const folder = vscode.Uri.file(plansDir());
  await vscode.workspace.fs.createDirectory(folder);
  const chosen = await vscode.window.showOpenDialog({
    title: 'Open a plan',
    defaultUri: folder,
    filters: { 'Lakeside plans': [PLAN_SUFFIX.slice(1), 'json'] },
  });
  return chosen?.[0];
}
