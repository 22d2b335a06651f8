import path from 'node:path';
import * as vscode from 'vscode';

import { LakesideError } from '../../base/errors.ts';
import type { UseCaseInput } from '../../protocol/useCases.ts';
import { type Root, rootName } from '../../protocol/values.ts';
import { inModelsView } from '../progress.ts';
import type { Services } from '../services.ts';
import { rootLabel } from '../trees/modelNodes.ts';
import { writeSetting } from '../windowSettings.ts';

type MainRole = 'local' | 'lake';

const TITLES: Readonly<Record<MainRole, string>> = {
  local: 'Choose the Local folder: the one your programs load models from',
  lake: 'Choose the Lake folder: the large one, usually on a NAS',
};

/** Makes a folder Local or the Lake: asks for it, settles what stands in the way, and scans it. */
export async function setMainRoot(services: Services, role: MainRole, given?: string): Promise<void> {
  const roots = await services.models.refreshRoots();
  const known = roots.find((root) => root.name === role);
  const folder = given ?? (await chooseFolder(TITLES[role], known?.path));
  if (folder === undefined) return;
  const root =
    known === undefined
      ? await addRoot(services, { name: role, role, path: folder })
      : await moveRoot(services, known, folder);
  if (root === undefined) return;
  await writeSetting(`${role}.root`, root.path);
  await services.engine.call('library.scan', { roots: [root.name] });
}

/** Adds a root beside Local and the Lake, under a name the person gives it. */
export async function addFurtherRoot(services: Services, given?: string): Promise<void> {
  const folder = given ?? (await chooseFolder('Choose a further folder of models'));
  if (folder === undefined) return;
  const roots = await services.models.refreshRoots();
  const name = await askName(roots, folder);
  if (name === undefined) return;
  const root = await addRoot(services, { name, role: 'other', path: folder });
  if (root === undefined) return;
  await writeSetting('roots', [...furtherRootSettings(), { name: root.name, path: root.path }]);
  await services.engine.call('library.scan', { roots: [root.name] });
}

/** Forgets a root. Its setting goes first, or the next window would add it again. */
export async function removeRoot(services: Services, root: Root): Promise<void> {
  const remove = 'Remove';
  const detail = 'Lakeside forgets what it knows of this folder. No file in it is touched.';
  const message = `Remove ${rootLabel(root)} (${root.path}) from Lakeside?`;
  if ((await vscode.window.showWarningMessage(message, { modal: true, detail }, remove)) !== remove) return;
  if (root.name === 'local' || root.name === 'lake') await writeSetting(`${root.name}.root`, undefined);
  else {
    const others = furtherRootSettings().filter((each) => nameOf(each) !== root.name);
    await writeSetting('roots', others.length === 0 ? undefined : others);
  }
  await services.engine.call('roots.remove', { name: root.name });
}

async function chooseFolder(title: string, current?: string): Promise<string | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    title,
    openLabel: 'Use this folder',
    canSelectFiles: false,
    canSelectFolders: true,
    ...(current === undefined ? {} : { defaultUri: vscode.Uri.file(current) }),
  });
  return chosen?.[0] === undefined ? undefined : localFolder(chosen[0]);
}

/** The path of a folder of this machine. Throws FOLDER_NOT_LOCAL for one of a remote machine or a virtual workspace. */
export function localFolder(uri: vscode.Uri): string {
  if (uri.scheme === 'file') return uri.fsPath;
  throw new LakesideError(
    'FOLDER_NOT_LOCAL',
    'validation',
    `${uri.path} is not a folder of this machine. Lakeside works with the folders of the machine it runs on.`,
  );
}

async function askName(roots: readonly Root[], folder: string): Promise<string | undefined> {
  const proposal = path
    .basename(folder)
    .replaceAll(/[^\p{L}\p{N} _.-]+/gu, ' ')
    .trim();
  return vscode.window.showInputBox({
    title: 'Name of the further folder',
    prompt: folder,
    value: proposal,
    validateInput(text) {
      if (!rootName.safeParse(text).success) return 'Use 1 to 64 letters, digits, spaces, dots, dashes or underscores.';
      const taken = roots.find((root) => root.name.toLowerCase() === text.toLowerCase());
      return taken === undefined ? undefined : `The name is taken by ${taken.path}.`;
    },
  });
}

/** Adds a root; a folder that carries the marker of another one may become one of its own. */
async function addRoot(services: Services, input: UseCaseInput<'roots.add'>): Promise<Root | undefined> {
  const add = (newId: boolean): Promise<{ root: Root }> =>
    inModelsView(() => services.engine.call('roots.add', newId ? { ...input, newId } : input));
  try {
    return (await add(false)).root;
  } catch (error) {
    if (!(error instanceof LakesideError) || !['ROOT_ID_TAKEN', 'ROOT_MARKER_DAMAGED'].includes(error.code))
      throw error;
    const newId = 'Use with a new id';
    const detail =
      'A new id makes it a folder of its own. Only the marker in its .lakeside folder is written; no model is touched.';
    const chosen = await vscode.window.showWarningMessage(error.message, { modal: true, detail }, newId);
    return chosen === newId ? (await add(true)).root : undefined;
  }
}

/** Points a root at another folder: the same one that moved, or, if the person says so, a different one. */
async function moveRoot(services: Services, known: Root, folder: string): Promise<Root | undefined> {
  if (known.path === folder) return known;
  try {
    return (await inModelsView(() => services.engine.call('roots.update', { name: known.name, path: folder }))).root;
  } catch (error) {
    const reason = error instanceof LakesideError ? error.context?.reason : undefined;
    if (reason !== 'marker-missing' && reason !== 'marker-other') throw error;
  }
  const replace = `Use as ${rootLabel(known)}`;
  const message = `Use ${folder} as ${rootLabel(known)} instead of ${known.path}?`;
  const detail = `It is another folder, so Lakeside forgets what it knows of ${known.path}. No file is touched.`;
  if ((await vscode.window.showWarningMessage(message, { modal: true, detail }, replace)) !== replace) return undefined;
  await services.engine.call('roots.remove', { name: known.name });
  return addRoot(services, { name: known.name, role: known.role, path: folder, allowDelete: known.allowDelete });
}

function furtherRootSettings(): unknown[] {
  const value: unknown = vscode.workspace.getConfiguration('lakeside').get('roots');
  return Array.isArray(value) ? [...(value as unknown[])] : [];
}

function nameOf(entry: unknown): unknown {
  return typeof entry === 'object' && entry !== null && 'name' in entry ? entry.name : undefined;
}
