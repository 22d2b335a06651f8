import { LakesideError } from '../base/errors.ts';
import { foldName } from '../base/relpath.ts';

interface Named {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly archived: boolean;
}

const COMMAND = { brand: 'brands', project: 'projects', 'work item': 'items' } as const;
const CODE = { brand: 'BRAND_UNKNOWN', project: 'PROJECT_UNKNOWN', 'work item': 'ITEM_UNKNOWN' } as const;

/**
 * What a person typed, by slug, by name or by id; of several of a name the one that is not archived.
 * @param what as people call it: `brand`
 * @throws LakesideError BRAND_UNKNOWN or the like, NAME_AMBIGUOUS
 */
export function findNamed<T extends Named>(all: readonly T[], typed: string, what: keyof typeof CODE): T {
  const exact = all.find(({ id, slug }) => slug === typed || id === typed);
  const ofName = exact === undefined ? all.filter(({ name }) => foldName(name) === foldName(typed)) : [exact];
  const active = ofName.filter(({ archived }) => !archived);
  const meant = active.length > 0 ? active : ofName;
  const [found, another] = meant;
  if (found !== undefined && another === undefined) return found;
  const slugs = (found === undefined ? all : meant).map(({ slug }) => slug);
  const shown = `${slugs.slice(0, 10).join(', ')}${slugs.length > 10 ? ', …' : ''}`;
  if (found !== undefined) {
    const sentence = `Several ${what}s are called "${typed}". Name one by its slug: ${shown}.`;
    throw new LakesideError('NAME_AMBIGUOUS', 'validation', sentence);
  }
  const hint = all.length === 0 ? `Add one: lakeside ${COMMAND[what]} add NAME` : `Known ${what}s: ${shown}`;
  throw new LakesideError(CODE[what], 'validation', `There is no ${what} "${typed}". ${hint}.`);
}
