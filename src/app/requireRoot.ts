import { LakesideError } from '../base/errors.ts';
import type { RootRow } from '../store/rootStore.ts';
import type { Core } from './core.ts';

/** The root of that name; throws ROOT_UNKNOWN. */
export function requireRoot(core: Core, name: string): RootRow {
  const root = core.store.roots.byName(name);
  if (root !== undefined) return root;
  const known = core.store.roots.list().map((other) => other.name);
  const hint = known.length === 0 ? 'Add a root first.' : `Known roots: ${known.join(', ')}.`;
  throw new LakesideError('ROOT_UNKNOWN', 'validation', `There is no root named "${name}". ${hint}`, {
    context: { root: name },
  });
}

/** The root of that id, as a job names it; throws ROOT_UNKNOWN. */
export function requireRootById(core: Core, id: string): RootRow {
  const root = core.store.roots.byId(id);
  if (root !== undefined) return root;
  throw new LakesideError('ROOT_UNKNOWN', 'validation', 'The root of this job was removed. Add it again, then retry.');
}
