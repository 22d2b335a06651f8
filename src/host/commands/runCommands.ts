import path from 'node:path';
import * as vscode from 'vscode';

import { LakesideError } from '../../base/errors.ts';
import type { GalleryScope } from '../../protocol/panels/imagesPanel.ts';
import { generationSchema, type Run } from '../../protocol/studioValues.ts';
import { openJobReport } from '../jobReports.ts';
import type { StudioServices } from '../services.ts';
import { isStudioNode, type StudioNode } from '../trees/projectNodes.ts';
import type { CommandTable } from './commandTable.ts';
import { studioNodeOf } from './projectCommands.ts';

/** Work items, runs and images: opened, made, looked at. */
export function runCommands(studio: StudioServices): CommandTable {
  const { call, panels } = studio;
  return {
    'lakeside.openOverview': () => panels.overview.show(),
    'lakeside.openGallery': (node) => panels.gallery.show(isStudioNode(node) ? galleryScope(node) : {}),
    'lakeside.openItem': (node) => panels.items.show(itemOf(studioNodeOf(studio, node))),
    'lakeside.generate': (node) => generate(studio, studioNodeOf(studio, node)),
    'lakeside.generateAgain': (node) => panels.again(runOrImage(studioNodeOf(studio, node))),
    'lakeside.cancelRun': (node) => call('jobs.cancel', { id: runOf(studioNodeOf(studio, node)).job }),
    'lakeside.retryRun': (node) => call('jobs.retry', { id: runOf(studioNodeOf(studio, node)).job }),
    'lakeside.showRun': (node) => {
      const { job, item } = runOf(studioNodeOf(studio, node));
      return openJobReport({ id: job, title: `Generate ${item.name}` });
    },
    'lakeside.copyPrompt': async (node) =>
      vscode.env.clipboard.writeText(await promptOf(studio, studioNodeOf(studio, node))),
    'lakeside.openImage': (node) => vscode.commands.executeCommand('vscode.open', imageUri(studioNodeOf(studio, node))),
    'lakeside.revealImages': async (node) => reveal(await placeOf(studio, studioNodeOf(studio, node))),
    'lakeside.copyImagePath': async (node) =>
      vscode.env.clipboard.writeText(await placeOf(studio, studioNodeOf(studio, node))),
  };
}

function galleryScope(node: StudioNode): GalleryScope {
  switch (node.kind) {
    case 'project':
      return { project: node.project.id };
    case 'item':
    case 'olderRuns':
      return { item: node.item.id };
    case 'run':
      return { run: node.run.id };
    case 'image':
      return { run: node.image.run, image: node.image.id };
    case 'part':
    case 'empty':
      return galleryScope(node.of);
    case 'brand':
      return {};
  }
}

/** The work item a row belongs to. */
function itemOf(node: StudioNode): { readonly id: string; readonly name?: string } {
  switch (node.kind) {
    case 'item':
    case 'olderRuns':
      return node.item;
    case 'run':
      return node.run.item;
    case 'image':
      return { id: node.image.item };
    case 'part':
    case 'empty':
      return itemOf(node.of);
    case 'brand':
    case 'project':
      throw new LakesideError('NOTHING_SELECTED', 'validation', 'Select a work item in the view Projects first.');
  }
}

function runOf(node: StudioNode): Run {
  if (node.kind === 'run') return node.run;
  throw new LakesideError('NOTHING_SELECTED', 'validation', 'Select a run in the view Projects first.');
}

function runOrImage(node: StudioNode): { readonly run: string } | { readonly image: string } {
  return node.kind === 'image' ? { image: node.image.id } : { run: runOf(node).id };
}

/** Generates with what the work item's editor holds; where that says no prompt and no provider yet, the editor opens. */
async function generate({ call, panels }: StudioServices, node: StudioNode): Promise<void> {
  const { item } = await call('items.get', { id: itemOf(node).id });
  const draft = generationSchema.safeParse(item.draft);
  if (!draft.success || draft.data.prompt.trim() === '') {
    panels.items.show(item);
    return;
  }
  await call('runs.generate', { item: item.id, generation: draft.data });
}

/** What the person wrote, without what the instructions added. */
async function promptOf({ call }: StudioServices, node: StudioNode): Promise<string> {
  if (node.kind === 'image') return (await call('images.get', { id: node.image.id })).snapshot.generation.prompt;
  return runOf(node).prompt;
}

function imageUri(node: StudioNode): vscode.Uri {
  if (node.kind === 'image') return vscode.Uri.file(node.image.path);
  throw new LakesideError('NOTHING_SELECTED', 'validation', 'Select an image in the view Projects first.');
}

/** Where the images of a row lie, as an absolute path. */
async function placeOf(studio: StudioServices, node: StudioNode): Promise<string> {
  const { call } = studio;
  switch (node.kind) {
    case 'image':
      return node.image.path;
    case 'run':
      return (await call('runs.get', { id: node.run.id })).snapshot.folder;
    case 'project':
      return path.join(node.project.imagesFolder, node.project.slug);
    case 'item': {
      const { projects } = await call('projects.list', { archived: true });
      const project = projects.find(({ id }) => id === node.item.project.id);
      if (project !== undefined) return path.join(project.imagesFolder, project.slug, node.item.slug);
      break;
    }
    case 'part':
    case 'empty':
      return placeOf(studio, node.of);
    case 'brand':
    case 'olderRuns':
      break;
  }
  throw new LakesideError('NOTHING_SELECTED', 'validation', 'Select a project, a run or an image first.');
}

async function reveal(place: string): Promise<void> {
  const uri = vscode.Uri.file(place);
  const exists = await vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
  if (!exists) {
    throw new LakesideError('NO_IMAGES', 'validation', `There are no images in ${place} yet. Generate some first.`);
  }
  await vscode.commands.executeCommand('revealFileInOS', uri);
}
