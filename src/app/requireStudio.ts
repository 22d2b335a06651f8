import { LakesideError } from '../base/errors.ts';
import type { Brand, User } from '../protocol/studioValues.ts';
import type { ItemRow } from '../store/itemStore.ts';
import type { ProjectRow } from '../store/projectStore.ts';
import type { Core } from './core.ts';

function unknown(code: string, what: string, id: string): LakesideError {
  return new LakesideError(code, 'validation', `There is no ${what} ${id}. Look at what there is again.`, {
    context: { id },
  });
}

/** Throws USER_UNKNOWN. */
export function requireUser(core: Core, id: string): User {
  const user = core.store.users.byId(id);
  if (user === undefined) throw unknown('USER_UNKNOWN', 'user', id);
  return user;
}

/** Throws BRAND_UNKNOWN. */
export function requireBrand(core: Core, id: string): Brand {
  const brand = core.store.brands.byId(id);
  if (brand === undefined) throw unknown('BRAND_UNKNOWN', 'brand', id);
  return brand;
}

/** Throws PROJECT_UNKNOWN. */
export function requireProject(core: Core, id: string): ProjectRow {
  const project = core.store.projects.byId(id);
  if (project === undefined) throw unknown('PROJECT_UNKNOWN', 'project', id);
  return project;
}

/** Throws ITEM_UNKNOWN. */
export function requireItem(core: Core, id: string): ItemRow {
  const item = core.store.items.byId(id);
  if (item === undefined) throw unknown('ITEM_UNKNOWN', 'work item', id);
  return item;
}

/** What is to be made in something archived is refused: nobody would see it. Throws BRAND_ARCHIVED. */
export function refuseArchivedBrand(brand: Brand): void {
  if (brand.archived) throw archived('BRAND_ARCHIVED', `The brand "${brand.name}"`);
}

/** Throws BRAND_ARCHIVED or PROJECT_ARCHIVED. */
export function refuseArchivedProject(project: ProjectRow): void {
  if (project.archivedItself) throw archived('PROJECT_ARCHIVED', `The project "${project.name}"`);
  if (project.archived) throw archived('BRAND_ARCHIVED', `The brand "${project.brand.name}"`);
}

/** Throws BRAND_ARCHIVED, PROJECT_ARCHIVED or ITEM_ARCHIVED. */
export function refuseArchivedItem(core: Core, item: ItemRow): void {
  if (item.archivedItself) throw archived('ITEM_ARCHIVED', `The work item "${item.name}"`);
  if (item.archived) refuseArchivedProject(requireProject(core, item.project.id));
}

function archived(code: string, what: string): LakesideError {
  return new LakesideError(code, 'validation', `${what} is archived. Restore it first.`);
}
