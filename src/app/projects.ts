import { LakesideError } from '../base/errors.ts';
import type { Brand, Project, StoragePolicy } from '../protocol/studioValues.ts';
import type { ProjectRow } from '../store/projectStore.ts';
import { changedFields } from '../studio/changedFields.ts';
import { checkedStorageFolder, imagesFolder } from '../studio/imagesFolder.ts';
import { freeSlug, slugOf } from '../studio/slug.ts';
import { addBrand } from './brands.ts';
import { changeStudio, type StudioChange } from './changeStudio.ts';
import type { Core } from './core.ts';
import type { AreaImplementations } from './implementations.ts';
import { refuseArchivedBrand, requireBrand, requireProject } from './requireStudio.ts';

const FIRST_BRAND = 'Studio';
const CURRENCY = 'USD';

/** Absolute path of the folder below which a project's images lie, in its slug. */
export function imagesFolderOf(core: Core, storage: StoragePolicy): string {
  return imagesFolder(storage, { imagesDir: core.settings()['studio.imagesDir'], dataDir: core.dataDir });
}

export interface ProjectToAdd {
  readonly name: string;
  /** Id of its brand; without it the only brand, or a first one. */
  readonly brand?: string | undefined;
  readonly slug?: string | undefined;
  readonly storage?: StoragePolicy | undefined;
  readonly currency?: string | undefined;
}

/** Adds a project within a command. */
export function addProject(core: Core, change: StudioChange, project: ProjectToAdd): ProjectRow {
  const { projects } = core.store;
  const { by, now, audit } = change;
  const brand = project.brand === undefined ? onlyBrand(core, change) : requireBrand(core, project.brand);
  refuseArchivedBrand(brand);
  const id = core.newStudioId();
  const slug = freeSlug(slugOf(project.slug ?? project.name, 'project'), (taken) => projects.hasSlug(taken));
  const storage = checkedStorage(project.storage ?? { kind: 'default' });
  const { name, currency = CURRENCY } = project;
  projects.add({ id, brand: brand.id, slug, name, storage, currency, by: by.id, now });
  const after = { slug, name, brand: brand.id, storage, currency };
  audit({ action: 'project.add', subject: 'project', subjectId: id, after });
  return requireProject(core, id);
}

export function projectUseCases(core: Core): AreaImplementations<'projects'> {
  const { store } = core;
  const describe = ({ archivedItself: _, ...project }: ProjectRow): Project => ({
    ...project,
    imagesFolder: imagesFolderOf(core, project.storage),
  });

  return {
    'projects.list': ({ brand, archived }) => ({ projects: store.projects.list({ brand, archived }).map(describe) }),
    'projects.add': async (input) =>
      changeStudio(core, (change) => ({ project: describe(addProject(core, change, input)) })),
    'projects.update': async ({ id, ...input }) =>
      changeStudio(core, ({ now, audit }) => {
        const project = requireProject(core, id);
        // With its brand it would stay archived, and seem not to have heard.
        if (input.archived === false) refuseArchivedBrand(requireBrand(core, project.brand.id));
        const { name, storage, currency } = project;
        const before = { name, storage, currency, archived: project.archivedItself };
        const after = {
          name: input.name ?? name,
          storage: input.storage === undefined ? storage : checkedStorage(input.storage),
          currency: input.currency ?? currency,
          archived: input.archived ?? project.archivedItself,
        };
        const changed = changedFields(before, after);
        if (changed === undefined) return { project: describe(project) };
        store.projects.update(id, after, now);
        audit({ action: 'project.update', subject: 'project', subjectId: id, ...changed });
        return { project: describe(requireProject(core, id)) };
      }),
  };
}

/** The only brand there is, or a first one; throws BRAND_NEEDED when there are several. */
function onlyBrand(core: Core, change: StudioChange): Brand {
  const [first, ...more] = core.store.brands.list({ archived: false });
  if (first === undefined) return addBrand(core, change, { name: FIRST_BRAND, voice: '' });
  if (more.length === 0) return first;
  const slugs = [first, ...more].slice(0, 10).map(({ slug }) => slug);
  const sentence = `There are several brands (${slugs.join(', ')}${more.length >= 10 ? ', …' : ''}). Add the project to one of them.`;
  throw new LakesideError('BRAND_NEEDED', 'validation', sentence);
}

/** The policy with its path in plain form; throws STORAGE_FOLDER_INVALID. */
function checkedStorage(storage: StoragePolicy): StoragePolicy {
  return storage.kind === 'default' ? storage : { kind: 'folder', path: checkedStorageFolder(storage.path) };
}
