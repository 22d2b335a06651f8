import type { Brand } from '../protocol/studioValues.ts';
import { changedFields } from '../studio/changedFields.ts';
import { freeSlug, slugOf } from '../studio/slug.ts';
import { changeStudio, type StudioChange } from './changeStudio.ts';
import type { Core } from './core.ts';
import type { AreaImplementations } from './implementations.ts';
import { requireBrand } from './requireStudio.ts';

/** Adds a brand within a command. */
export function addBrand(
  core: Core,
  { by, now, audit }: StudioChange,
  brand: { readonly name: string; readonly slug?: string | undefined; readonly voice: string },
): Brand {
  const { brands } = core.store;
  const id = core.newStudioId();
  const slug = freeSlug(slugOf(brand.slug ?? brand.name, 'brand'), (taken) => brands.hasSlug(taken));
  const { name, voice } = brand;
  brands.add({ id, slug, name, voice, by: by.id, now });
  audit({ action: 'brand.add', subject: 'brand', subjectId: id, after: { slug, name, voice } });
  return requireBrand(core, id);
}

export function brandUseCases(core: Core): AreaImplementations<'brands'> {
  const { store } = core;
  return {
    'brands.list': ({ archived }) => ({ brands: store.brands.list({ archived }) }),
    'brands.add': async (input) => changeStudio(core, (change) => ({ brand: addBrand(core, change, input) })),
    'brands.update': async ({ id, ...input }) =>
      changeStudio(core, ({ now, audit }) => {
        const brand = requireBrand(core, id);
        const before = { name: brand.name, voice: brand.voice, archived: brand.archived };
        const after = {
          name: input.name ?? brand.name,
          voice: input.voice ?? brand.voice,
          archived: input.archived ?? brand.archived,
        };
        const changed = changedFields(before, after);
        if (changed === undefined) return { brand };
        store.brands.update(id, after, now);
        audit({ action: 'brand.update', subject: 'brand', subjectId: id, ...changed });
        return { brand: requireBrand(core, id) };
      }),
  };
}
