import * as vscode from 'vscode';

import { formatBytes, formatQuantity } from '../../base/format.ts';
import { parseSizeRange } from '../../base/parseBytes.ts';
import type { Selection } from '../../protocol/planFile.ts';
import type { Root } from '../../protocol/values.ts';
import type { Services } from '../services.ts';
import { modelCategory } from '../trees/modelCategories.ts';

const TOP_FOLDERS = 1_000;

/** Asks which files a plan shall be about; undefined when the person gave up, an empty selection means all. */
export async function askSelection(
  services: Services,
  roots: readonly Root[],
  title: string,
): Promise<Selection | undefined> {
  const folders = await askFolders(services, roots, title);
  if (folders === undefined) return undefined;
  const globs = await askGlobs(title);
  if (globs === undefined) return undefined;
  const sizes = await askSizes(title);
  if (sizes === undefined) return undefined;
  return { ...(folders.length === 0 ? {} : { folders }), ...(globs.length === 0 ? {} : { globs }), ...sizes };
}

/** The selection, unless it lets everything through. */
export function unlessAll(selection: Selection): { select?: Selection } {
  return Object.keys(selection).length === 0 ? {} : { select: selection };
}

/** Top folders of the roots, with how much they hold in the first that has them. */
async function askFolders(services: Services, roots: readonly Root[], title: string): Promise<string[] | undefined> {
  const items = new Map<string, vscode.QuickPickItem & { readonly path: string }>();
  for (const root of roots) {
    const { entries } = await services.engine.call('library.folder', {
      root: root.name,
      folder: '',
      limit: TOP_FOLDERS,
    });
    for (const entry of entries) {
      if (entry.type !== 'folder' || items.has(entry.path)) continue;
      const { icon, label } = modelCategory(entry.name) ?? { icon: 'folder', label: entry.name };
      const description = `${formatQuantity(entry.files, 'file')}, ${formatBytes(entry.bytes)}`;
      items.set(entry.path, { label: `$(${icon}) ${label}`, description, path: entry.path });
    }
  }
  const chosen = await vscode.window.showQuickPick([...items.values()], {
    title: `${title}: which folders?`,
    placeHolder: 'Tick folders, or press Enter for all',
    canPickMany: true,
    ignoreFocusOut: true,
    matchOnDescription: true,
  });
  return chosen?.map(({ path }) => path);
}

async function askGlobs(title: string): Promise<string[] | undefined> {
  const text = await vscode.window.showInputBox({
    title: `${title}: which names?`,
    ignoreFocusOut: true,
    prompt: 'Patterns with commas between them; nothing means all names',
    placeHolder: '*.safetensors, loras/flux/**',
  });
  return text
    ?.split(',')
    .map((glob) => glob.trim())
    .filter((glob) => glob !== '');
}

async function askSizes(title: string): Promise<{ minSize?: number; maxSize?: number } | undefined> {
  const text = await vscode.window.showInputBox({
    title: `${title}: which sizes?`,
    ignoreFocusOut: true,
    prompt: 'A size or a range; nothing means all sizes',
    placeHolder: '> 500 MB   < 6 GB   1 GB - 6 GB',
    validateInput: (value) =>
      parseSizeRange(value) === undefined ? 'Write it like > 500 MB, < 6 GB or 1 GB - 6 GB.' : undefined,
  });
  return text === undefined ? undefined : parseSizeRange(text);
}
