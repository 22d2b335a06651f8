import * as vscode from 'vscode';

import { formatBytes, formatCount, formatQuantity } from '../../base/format.ts';
import type { Root } from '../../protocol/values.ts';
import { openSettings } from '../openSettings.ts';
import { inModelsView, PLAN_TIMEOUT_MS } from '../progress.ts';
import type { Services } from '../services.ts';
import { rootLabel } from '../trees/modelNodes.ts';
import { requireTrust } from '../trust.ts';
import type { CommandTable } from './commandTable.ts';
import { localFolder } from './setRoot.ts';
import { pickRoot, rootOf } from './rootCommands.ts';

/** What keeps a root well: its trash, its hashes, what broken-off copies left. */
export function keepRootCommands(services: Services): CommandTable {
  const { trashPanel } = services;
  const rootFor = async (node: unknown, title: string): Promise<Root | undefined> =>
    rootOf(node) ?? pickRoot(services, title);
  return {
    'lakeside.openTrash': (node) => trashPanel.show(rootOf(node)?.name ?? null),
    'lakeside.verifyRoot': async (node) => {
      const root = await rootFor(node, 'Verify which folder?');
      if (root !== undefined) await verify(services, root);
    },
    'lakeside.importHashes': async (node) => {
      const root = await rootFor(node, 'Import hashes for which folder?');
      if (root !== undefined) await importHashes(services, root);
    },
    'lakeside.removePartials': async (node) => removePartials(services, rootOf(node)?.name),
    'lakeside.showVerify': () => showVerify(services),
    'lakeside.allowNetworkHost': async (node) => allowNetworkHost(rootOf(node)),
  };
}

async function verify({ engine, jobPanels }: Services, root: Root): Promise<void> {
  const hashed = root.hashedBytes ?? root.bytes;
  const items: (vscode.QuickPickItem & { readonly percent?: number })[] = [
    { label: 'All of it', description: `reads ${formatBytes(hashed)}` },
    ...[1, 5, 20].map((percent) => ({
      percent,
      label: `A random sample of ${percent} %`,
      description: `reads about ${formatBytes(Math.round((hashed * percent) / 100))}`,
    })),
  ];
  const chosen = await vscode.window.showQuickPick(items, {
    title: `Verify ${rootLabel(root)}: read how much again?`,
    placeHolder: 'What differs from its hash though its size and time do not is bit rot, and named',
  });
  if (chosen === undefined) return;
  const sample = chosen.percent === undefined ? {} : { samplePercent: chosen.percent };
  const { job } = await engine.call('library.verify', { root: root.name, ...sample });
  jobPanels.show(job, `Verify ${rootLabel(root)}`);
}

async function importHashes({ engine, log }: Services, root: Root): Promise<void> {
  const chosen = await vscode.window.showOpenDialog({
    title: `A b3sum listing made on the machine of ${rootLabel(root)}`,
    openLabel: 'Import',
  });
  if (chosen?.[0] === undefined) return;
  const file = localFolder(chosen[0]);
  const { imported, known, problems } = await inModelsView(() =>
    engine.call('library.importHashes', { root: root.name, file }, { timeoutMs: PLAN_TIMEOUT_MS }),
  );
  const took = `${rootLabel(root)}: ${formatQuantity(imported, 'hash', 'hashes')} taken, ${formatCount(known)} known already.`;
  if (problems.length === 0) {
    void vscode.window.showInformationMessage(took);
    return;
  }
  for (const { message, code } of problems) log.warn(`${code}: ${message}`);
  const showLog = 'Show log';
  const left = `${formatQuantity(problems.length, 'line was', 'lines were')} left out, such as: ${problems[0]?.message ?? ''}`;
  if ((await vscode.window.showWarningMessage(`${took} ${left}`, showLog)) === showLog) log.show();
}

/** Lets the person choose which half-copied files go; those that a job will go on with are not among them. */
export async function removePartials({ engine, rootsTree }: Services, root?: string): Promise<void> {
  requireTrust('nothing is removed');
  const { partials } = await engine.call('partials.list', root === undefined ? {} : { root });
  const left = partials.filter(({ job }) => job === undefined);
  if (left.length === 0) {
    void vscode.window.showInformationMessage('There are no half-copied files that nobody will go on with.');
    return;
  }
  const items = left.map((partial) => ({
    partial,
    label: partial.path,
    description: `${formatBytes(partial.size)} · ${rootLabel({ name: partial.root })}`,
    picked: true,
  }));
  const chosen = await vscode.window.showQuickPick(items, {
    title: 'Remove which half-copied files?',
    placeHolder: 'The files they were copied from stay where they are',
    canPickMany: true,
    ignoreFocusOut: true,
    matchOnDescription: true,
  });
  if (chosen === undefined || chosen.length === 0) return;
  let removed = 0;
  let bytes = 0;
  for (const [name, members] of Map.groupBy(chosen, ({ partial }) => partial.root)) {
    const paths = members.map(({ partial }) => partial.path);
    const done = await engine.call('partials.remove', { root: name, paths });
    removed += done.removed;
    bytes += done.bytes;
  }
  rootsTree.forgetPartials();
  void vscode.window.showInformationMessage(
    `${formatQuantity(removed, 'half-copied file')} removed: ${formatBytes(bytes)} are free again.`,
  );
}

/** The newest verify, whose log names what was found. */
async function showVerify({ jobs, jobPanels }: Services): Promise<void> {
  const found = (await jobs.load()).find(({ job }) => job.kind === 'verify');
  if (found === undefined) await vscode.commands.executeCommand('lakeside.jobs.focus');
  else jobPanels.show(found.job.id, found.job.title);
}

/** VS Code reads no network host that the person did not allow; only they can. */
async function allowNetworkHost(root: Root | undefined): Promise<void> {
  const host = /^[\\/]{2}([^\\/]+)/.exec(root?.path ?? '')?.[1];
  await openSettings('security.allowedUNCHosts');
  if (host === undefined) return;
  const copy = `Copy ${host}`;
  const message = `VS Code opens no files of ${host} before it stands in this setting. Add it, then restart VS Code.`;
  if ((await vscode.window.showInformationMessage(message, copy)) === copy) await vscode.env.clipboard.writeText(host);
}
