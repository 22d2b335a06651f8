import type { Core } from './core.ts';
import { engineUseCases } from './engine.ts';
import type { Implementations } from './implementations.ts';
import { jobUseCases } from './jobs.ts';
import { libraryUseCases } from './library.ts';
import { planUseCases } from './plans.ts';
import { rootUseCases } from './roots.ts';

/** Every use case of the registry; one that is missing does not compile. */
export function createImplementations(core: Core): Implementations {
  return {
    ...engineUseCases(core),
    ...rootUseCases(core),
    ...libraryUseCases(core),
    ...planUseCases(core),
    ...jobUseCases(core),
  };
}
