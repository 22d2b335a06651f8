import * as vscode from 'vscode';

import { LakesideError } from '../../base/errors.ts';
import { formatQuantity } from '../../base/format.ts';
import type { User } from '../../protocol/studioValues.ts';
import { openSettings } from '../openSettings.ts';
import type { StudioServices } from '../services.ts';
import { askName } from './askName.ts';
import type { CommandTable } from './commandTable.ts';
import { importWorkflow } from './studioFiles.ts';

/** Who works here, and what images are made with. */
export function studioSetUpCommands(studio: StudioServices): CommandTable {
  return {
    'lakeside.switchUser': () => switchUser(studio),
    'lakeside.renameUser': () => renameUser(studio),
    'lakeside.importWorkflow': (uri) => importAndTell(studio, uri instanceof vscode.Uri ? uri : undefined),
    'lakeside.setApiKey': () => setApiKey(studio),
    'lakeside.showProviders': () => showProviders(studio),
  };
}

async function switchUser({ call }: StudioServices): Promise<void> {
  const { users } = await call('users.list', {});
  const items: (vscode.QuickPickItem & { readonly user: User | undefined })[] = users.map((user) => ({
    label: user.name,
    description: user.current ? 'at this machine now' : '',
    user,
  }));
  const title = 'Who is at this machine?';
  const chosen = await vscode.window.showQuickPick([...items, { label: '$(add) Someone else…', user: undefined }], {
    title,
    placeHolder: 'They are named on what is made from now on',
  });
  if (chosen === undefined || chosen.user?.current === true) return;
  if (chosen.user !== undefined) {
    await call('users.switch', { id: chosen.user.id });
    return;
  }
  const name = await askName('New user');
  if (name !== undefined) await call('users.add', { name, switch: true });
}

async function renameUser({ call }: StudioServices): Promise<void> {
  const { users } = await call('users.list', {});
  const items = users.map((user) => ({ label: user.name, description: user.current ? 'now' : '', user }));
  const chosen =
    items.length === 1 ? items[0] : await vscode.window.showQuickPick(items, { title: 'Rename which user?' });
  if (chosen === undefined) return;
  const { user } = chosen;
  const name = await askName('Rename user', { value: user.name });
  if (name !== undefined && name !== user.name) await call('users.update', { id: user.id, name });
}

async function importAndTell({ call }: StudioServices, from: vscode.Uri | undefined): Promise<void> {
  const workflow = await importWorkflow(call, from);
  if (workflow === undefined) return;
  const names = workflow.bindings.map(({ name }) => name);
  const bound = names.length === 0 ? 'nothing in it could be bound by itself' : `it sets ${names.join(', ')}`;
  void vscode.window.showInformationMessage(
    `Imported ${workflow.name}: ${formatQuantity(workflow.nodes, 'node')}, ${bound}.`,
  );
}

async function setApiKey({ call, apiKeys }: StudioServices): Promise<void> {
  const { providers } = await call('providers.list', {});
  const items = await Promise.all(
    providers
      .filter(({ kind }) => kind === 'http')
      .map(async ({ name, detail }) => ({
        label: name,
        description: (await apiKeys.get(name)) === undefined ? 'no key yet' : 'has a key',
        detail,
      })),
  );
  if (items.length === 0) {
    throw new LakesideError(
      'NO_APIS',
      'validation',
      'No image API is set up. Add one in the setting lakeside.studio.apis first.',
    );
  }
  const chosen =
    items.length === 1 ? items[0] : await vscode.window.showQuickPick(items, { title: 'The key of which image API?' });
  if (chosen === undefined) return;
  const key = await vscode.window.showInputBox({
    title: `API key of ${chosen.label}`,
    prompt: 'Kept in the safe of VS Code. Leave it empty to take it away.',
    password: true,
    ignoreFocusOut: true,
  });
  if (key === undefined) return;
  await apiKeys.set(chosen.label, key.trim());
  const done = key.trim() === '' ? 'was taken away' : 'is kept';
  void vscode.window.showInformationMessage(`The API key of ${chosen.label} ${done}.`);
}

const SETTINGS = {
  comfyui: 'lakeside.comfyui.servers',
  command: 'lakeside.studio.commands',
  http: 'lakeside.studio.apis',
  draft: undefined,
} as const;

/** Which ways to make an image are set up, and whether each can work now. */
async function showProviders({ call }: StudioServices): Promise<void> {
  const asking = call('providers.list', { check: true });
  const rows = asking.then(({ providers }) =>
    providers.map(({ name, kind, detail, available, problem }) => ({
      label: `$(${available === false ? 'warning' : 'pass'}) ${name}`,
      description: SETTINGS[kind] === undefined ? `${detail}; nothing to set` : detail,
      ...(problem === undefined ? {} : { detail: problem.message }),
      setting: SETTINGS[kind],
    })),
  );
  const chosen = await vscode.window.showQuickPick(rows, {
    title: 'Image providers',
    placeHolder: 'Choose one to open its setting',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (chosen?.setting !== undefined) await openSettings(chosen.setting);
}
