import { LakesideError } from '../base/errors.ts';
import { foldName } from '../base/relpath.ts';
import type { WorkItem } from '../protocol/studioValues.ts';
import type { ItemRow } from '../store/itemStore.ts';
import { changedFields } from '../studio/changedFields.ts';
import { freeSlug, slugOf } from '../studio/slug.ts';
import { changeStudio, type StudioChange } from './changeStudio.ts';
import type { Core } from './core.ts';
import type { AreaImplementations } from './implementations.ts';
import { addProject } from './projects.ts';
import { refuseArchivedItem, refuseArchivedProject, requireItem, requireProject } from './requireStudio.ts';

export interface ItemToAdd {
  /** Id of a project. */
  readonly project: string;
  readonly name: string;
  readonly slug?: string | undefined;
  readonly brief: string;
}

/** Adds a work item within a command. */
function addItem(core: Core, { by, now, audit }: StudioChange, item: ItemToAdd): ItemRow {
  const { items } = core.store;
  const project = requireProject(core, item.project);
  refuseArchivedProject(project);
  const id = core.newStudioId();
  const slug = freeSlug(slugOf(item.slug ?? item.name, 'item'), (taken) => items.hasSlug(project.id, taken));
  const { name, brief } = item;
  items.add({ id, project: project.id, slug, name, brief, by: by.id, now });
  audit({ action: 'item.add', subject: 'item', subjectId: id, after: { slug, name, project: project.id, brief } });
  return requireItem(core, id);
}

export function itemUseCases(core: Core): AreaImplementations<'items'> {
  const { store } = core;
  return {
    'items.list': ({ project, archived }) => ({ items: store.items.list({ project, archived }).map(describe) }),
    'items.get': ({ id }) => ({ item: describe(requireItem(core, id)) }),
    'items.add': async (input) => changeStudio(core, (change) => ({ item: describe(addItem(core, change, input)) })),
    'items.ensure': async (input) =>
      changeStudio(core, (change) => {
        const projects = store.projects.list({ archived: true });
        const project = named(projects, input.project, 'project') ?? addProject(core, change, { name: input.project });
        refuseArchivedProject(project);
        const items = store.items.list({ project: project.id, archived: true });
        const item =
          named(items, input.item, 'work item') ??
          addItem(core, change, { project: project.id, name: input.item, brief: '' });
        refuseArchivedItem(core, item);
        return { item: describe(item) };
      }),
    'items.update': async ({ id, ...input }) =>
      changeStudio(core, ({ now, audit }) => {
        const item = requireItem(core, id);
        // With its project it would stay archived, and seem not to have heard.
        if (input.archived === false) refuseArchivedProject(requireProject(core, item.project.id));
        const before = { name: item.name, brief: item.brief, archived: item.archivedItself };
        const after = {
          name: input.name ?? item.name,
          brief: input.brief ?? item.brief,
          archived: input.archived ?? item.archivedItself,
        };
        const draft = input.draft ?? item.draft;
        const changed = changedFields(before, after);
        if (changed === undefined && changedFields({ draft: item.draft }, { draft }) === undefined) {
          return { item: describe(item) };
        }
        store.items.update(id, { ...after, draft }, now);
        // The draft is what stands in the editor, saved with every pause in typing: no deed of anybody's until it is
        // generated with, when the run keeps it.
        if (changed !== undefined) audit({ action: 'item.update', subject: 'item', subjectId: id, ...changed });
        return { item: describe(requireItem(core, id)) };
      }),
  };
}

function describe({ archivedItself: _, brandId: __, ...item }: ItemRow): WorkItem {
  return item;
}

interface Named {
  readonly slug: string;
  readonly name: string;
  readonly archived: boolean;
}

/** What a person means by a slug or a name: one that is not archived first. Throws NAME_AMBIGUOUS. */
function named<T extends Named>(all: readonly T[], text: string, what: string): T | undefined {
  const bySlug = all.find(({ slug }) => slug === text);
  if (bySlug !== undefined && !bySlug.archived) return bySlug;
  const byName = all.filter(({ name }) => foldName(name) === foldName(text));
  const active = byName.filter(({ archived }) => !archived);
  if (active.length > 1) {
    const slugs = active.map(({ slug }) => slug).join(', ');
    const sentence = `Several are called "${text}" (${what}s ${slugs}). Name one of them by its slug.`;
    throw new LakesideError('NAME_AMBIGUOUS', 'validation', sentence);
  }
  return active[0] ?? bySlug ?? byName[0];
}
