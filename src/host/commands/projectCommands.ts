import * as vscode from 'vscode';

import { LakesideError } from '../../base/errors.ts';
import type { Brand, Project, WorkItem } from '../../protocol/studioValues.ts';
import type { StudioServices } from '../services.ts';
import type { CallUseCase } from '../../protocol/useCases.ts';
import {
  isNamedNode,
  isStudioNode,
  namedThing,
  type NamedNode,
  studioNode,
  type StudioNode,
} from '../trees/projectNodes.ts';
import { askName } from './askName.ts';
import type { CommandTable } from './commandTable.ts';

/** Brands, projects and work items: made, renamed, archived. */
export function projectCommands(studio: StudioServices): CommandTable {
  return {
    'lakeside.newBrand': () => newBrand(studio),
    'lakeside.newProject': (node) => newProject(studio, brandOf(node)),
    'lakeside.newItem': (node) => newItem(studio, projectOf(node)),
    'lakeside.renameEntry': (node) => rename(studio, namedNode(studio, node)),
    'lakeside.editVoice': (node) => editVoice(studio, namedNode(studio, node)),
    'lakeside.setImagesFolder': (node) => setImagesFolder(studio, namedNode(studio, node)),
    'lakeside.archiveEntry': (node) => archive(studio, namedNode(studio, node)),
    'lakeside.restoreEntry': (node) => update(studio.call, namedNode(studio, node), { archived: false }),
    'lakeside.showArchived': () => studio.showArchived(true),
    'lakeside.hideArchived': () => studio.showArchived(false),
    'lakeside.refreshProjects': () => studio.projectsTree.refresh(),
    'lakeside.showOlderRuns': (node) => {
      if (!isStudioNode(node) || node.kind !== 'olderRuns') return;
      studio.projects.showOlderRuns(node.item);
      studio.projectsTree.refresh();
    },
  };
}

/** The row a command was called on, else the selected one. Throws NOTHING_SELECTED. */
export function studioNodeOf({ projectsView }: StudioServices, node: unknown): StudioNode {
  if (isStudioNode(node)) return node;
  const [selected] = projectsView.selection;
  if (selected !== undefined) return selected;
  throw new LakesideError('NOTHING_SELECTED', 'validation', 'Select a row in the view Projects first.');
}

function namedNode(studio: StudioServices, node: unknown): NamedNode {
  const chosen = studioNodeOf(studio, node);
  if (isNamedNode(chosen)) return chosen;
  throw new LakesideError(
    'NOTHING_SELECTED',
    'validation',
    'Select a brand, a project or a work item in the view Projects first.',
  );
}

function brandOf(node: unknown): Pick<Brand, 'id'> | undefined {
  if (!isStudioNode(node)) return undefined;
  const { kind } = node;
  if (kind === 'empty') return brandOf(node.of);
  return kind === 'brand' ? node.brand : kind === 'project' ? node.project.brand : undefined;
}

function projectOf(node: unknown): Pick<Project, 'id'> | undefined {
  if (!isStudioNode(node)) return undefined;
  const { kind } = node;
  if (kind === 'empty') return projectOf(node.of);
  return kind === 'project' ? node.project : kind === 'item' ? node.item.project : undefined;
}

/** @param next what is asked for after it, where it is only a step of something larger */
async function newBrand({ call }: StudioServices, next?: string): Promise<Brand | undefined> {
  const name = await askName('New brand', {
    prompt: sentences('Whom the images are for: a client, a product or yourself.', next),
    placeHolder: 'Such as Harbour Café',
  });
  return name === undefined ? undefined : (await call('brands.add', { name })).brand;
}

async function newProject(
  studio: StudioServices,
  of: Pick<Brand, 'id'> | undefined,
  next?: string,
): Promise<Pick<Project, 'id'> | undefined> {
  const brand = of ?? (await pickBrand(studio, next === undefined ? 'Its project' : 'A project and the work item'));
  if (brand === undefined) return undefined;
  const name = await askName('New project', {
    prompt: sentences('What belongs together; its images share a folder.', next),
    placeHolder: 'Such as Summer menu',
  });
  return name === undefined ? undefined : (await studio.call('projects.add', { name, brand: brand.id })).project;
}

async function newItem(studio: StudioServices, of: Pick<Project, 'id'> | undefined): Promise<void> {
  const project = of ?? (await pickProject(studio));
  if (project === undefined) return;
  const name = await askName('New work item', {
    prompt: 'One thing to make images of.',
    placeHolder: 'Such as Poster',
  });
  if (name === undefined) return;
  const { item } = await studio.call('items.add', { project: project.id, name });
  studio.panels.items.show(item);
  await showInTree(studio, item);
}

/** Opens the rows down to a work item; a side bar that shows something else is left alone. */
async function showInTree({ projectsView }: StudioServices, item: WorkItem): Promise<void> {
  if (!projectsView.visible) return;
  const node = studioNode({ kind: 'item', item, active: undefined });
  try {
    await projectsView.reveal(node, { select: true, focus: false });
  } catch {
    // The tree was drawn anew in the middle of it. The work item is there all the same.
  }
}

function sentences(first: string, next: string | undefined): string {
  return next === undefined ? first : `${first} ${next} ${next.includes(' and ') ? 'come' : 'comes'} next.`;
}

interface Choice<T> extends vscode.QuickPickItem {
  readonly of: T | undefined;
}

/** One of the brands, or a new one; the only brand without asking. */
async function pickBrand(studio: StudioServices, next: string): Promise<Pick<Brand, 'id'> | undefined> {
  const { brands } = await studio.call('brands.list', {});
  if (brands.length === 0) return newBrand(studio, next);
  if (brands.length === 1) return brands[0];
  const items: Choice<Brand>[] = brands.map((brand) => ({ label: brand.name, description: brand.slug, of: brand }));
  const title = 'A project of which brand?';
  const chosen = await vscode.window.showQuickPick([...items, { label: '$(add) New brand…', of: undefined }], {
    title,
  });
  return chosen === undefined ? undefined : (chosen.of ?? newBrand(studio, next));
}

const THE_ITEM = 'The work item';

/** One of the projects, or a new one. */
async function pickProject(studio: StudioServices): Promise<Pick<Project, 'id'> | undefined> {
  const { projects } = await studio.call('projects.list', {});
  if (projects.length === 0) return newProject(studio, undefined, THE_ITEM);
  const items: Choice<Project>[] = projects.map((of) => ({ label: of.name, description: of.brand.name, of }));
  const chosen = await vscode.window.showQuickPick([...items, { label: '$(add) New project…', of: undefined }], {
    title: 'A work item of which project?',
    matchOnDescription: true,
  });
  return chosen === undefined ? undefined : (chosen.of ?? newProject(studio, undefined, THE_ITEM));
}

interface Change {
  readonly name?: string;
  readonly archived?: boolean;
}

async function update(call: CallUseCase, node: NamedNode, change: Change): Promise<Brand | Project | WorkItem> {
  switch (node.kind) {
    case 'brand':
      return (await call('brands.update', { id: node.brand.id, ...change })).brand;
    case 'project':
      return (await call('projects.update', { id: node.project.id, ...change })).project;
    case 'item':
      return (await call('items.update', { id: node.item.id, ...change })).item;
  }
}

const KINDS = { brand: 'brand', project: 'project', item: 'work item' } as const;

async function rename({ call }: StudioServices, node: NamedNode): Promise<void> {
  const before = namedThing(node).name;
  const name = await askName(`Rename ${KINDS[node.kind]}`, { value: before });
  if (name !== undefined && name !== before) await update(call, node, { name });
}

/** Nothing is lost by it, so it is not asked about; it can be taken back at once. */
async function archive({ call }: StudioServices, node: NamedNode): Promise<void> {
  const { name } = await update(call, node, { archived: true });
  const more = node.kind === 'item' ? '' : ', with all that is in it';
  const chosen = await vscode.window.showInformationMessage(`${name} is archived${more}.`, 'Restore');
  if (chosen !== undefined) await update(call, node, { archived: false });
}

async function editVoice({ call }: StudioServices, node: NamedNode): Promise<void> {
  if (node.kind !== 'brand') return;
  const { brand } = node;
  const voice = await vscode.window.showInputBox({
    title: `Voice of ${brand.name}`,
    prompt: 'How the brand speaks and looks: these words go into every prompt.',
    value: brand.voice,
    ignoreFocusOut: true,
  });
  if (voice !== undefined && voice !== brand.voice) await call('brands.update', { id: brand.id, voice });
}

async function setImagesFolder({ call }: StudioServices, node: NamedNode): Promise<void> {
  if (node.kind !== 'project') return;
  const { project } = node;
  const choose = 'Choose a folder…';
  const standard = 'The folder of all projects';
  const chosen = await vscode.window.showQuickPick(
    [{ label: choose }, { label: standard, description: 'the default' }],
    { title: `Where are images of ${project.name} kept?`, placeHolder: `Now ${project.imagesFolder}` },
  );
  if (chosen === undefined) return;
  if (chosen.label === standard) {
    await call('projects.update', { id: project.id, storage: { kind: 'default' } });
    return;
  }
  const [folder] =
    (await vscode.window.showOpenDialog({ canSelectFolders: true, canSelectFiles: false, openLabel: 'Use folder' })) ??
    [];
  if (folder === undefined) return;
  await call('projects.update', { id: project.id, storage: { kind: 'folder', path: folder.fsPath } });
}
