import type { InstructionScope, MergedPrompt } from '../protocol/studioValues.ts';
import { changedFields } from '../studio/changedFields.ts';
import { mergePrompt } from '../studio/mergePrompt.ts';
import { changeStudio, currentUser } from './changeStudio.ts';
import type { Core } from './core.ts';
import type { AreaImplementations } from './implementations.ts';
import { requireBrand, requireItem, requireProject, requireUser } from './requireStudio.ts';

interface ScopeInstructions {
  readonly scope: InstructionScope;
  /** Of the user, brand, project or work item. */
  readonly id: string;
  /** What that is called. */
  readonly name: string;
  readonly text: string;
}

/** The instructions that count for a work item and the person at this machine, from the most general scope to the most particular. */
async function instructionsOf(
  core: Core,
  itemId: string,
): Promise<{ instructions: ScopeInstructions[]; voice: string }> {
  const item = requireItem(core, itemId);
  const user = await currentUser(core);
  const brand = requireBrand(core, item.brandId);
  const ids = { user: user.id, brand: brand.id, project: item.project.id, item: item.id };
  const names = { user: user.name, brand: brand.name, project: item.project.name, item: item.name };
  const texts = new Map(core.store.instructions.ofScopes(ids).map(({ scope, text }) => [scope, text]));
  const scopes = ['user', 'brand', 'project', 'item'] as const;
  return {
    instructions: scopes.map((scope) => ({ scope, id: ids[scope], name: names[scope], text: texts.get(scope) ?? '' })),
    voice: brand.voice,
  };
}

/** What a provider is told for a work item, with the instructions of all scopes. */
export async function mergedPrompt(
  core: Core,
  itemId: string,
  typed: { readonly prompt: string; readonly negative: string },
): Promise<MergedPrompt> {
  const { instructions, voice } = await instructionsOf(core, itemId);
  const texts = Object.fromEntries(instructions.map(({ scope, text }) => [scope, text]));
  return mergePrompt({ ...texts, voice, ...typed });
}

export function instructionUseCases(core: Core): AreaImplementations<'instructions'> {
  const { store } = core;
  const require = { user: requireUser, brand: requireBrand, project: requireProject, item: requireItem } as const;
  return {
    'instructions.get': ({ item }) => instructionsOf(core, item),
    'instructions.set': async ({ scope, id, text }) =>
      changeStudio(core, ({ by, now, audit }) => {
        require[scope](core, id);
        const changed = changedFields({ instructions: store.instructions.get(scope, id) }, { instructions: text });
        if (changed === undefined) return {};
        store.instructions.set({ scope, scopeId: id, text, by: by.id, now });
        audit({ action: `${scope}.instruct`, subject: scope, subjectId: id, ...changed });
        return {};
      }),
    'instructions.merge': ({ item, prompt, negative }) => mergedPrompt(core, item, { prompt, negative }),
  };
}
