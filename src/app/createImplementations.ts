import { auditUseCases } from './audits.ts';
import { brandUseCases } from './brands.ts';
import type { Core } from './core.ts';
import { engineUseCases } from './engine.ts';
import { evictUseCases } from './evictPlan.ts';
import { imageFileUseCases } from './imageFiles.ts';
import type { Implementations } from './implementations.ts';
import { importUseCases } from './importHashes.ts';
import { instructionUseCases } from './instructions.ts';
import { imageUseCases } from './images.ts';
import { itemUseCases } from './items.ts';
import { jobControlUseCases } from './jobControl.ts';
import { jobHistoryUseCases } from './jobHistory.ts';
import { jobUseCases } from './jobs.ts';
import { libraryUseCases } from './library.ts';
import { modelUseCases } from './models.ts';
import { overviewUseCases } from './overview.ts';
import { pairPlanUseCases } from './pairPlans.ts';
import { partialUseCases } from './partials.ts';
import { planUseCases } from './plans.ts';
import { projectUseCases } from './projects.ts';
import { providerUseCases } from './providers.ts';
import { rootUseCases } from './roots.ts';
import { runUseCases } from './runs.ts';
import { trashUseCases } from './trash.ts';
import { undoUseCases } from './undo.ts';
import { userUseCases } from './users.ts';
import { verifyUseCases } from './verify.ts';
import { workflowUseCases } from './workflows.ts';

/** Every use case of the registry; one that is missing does not compile. */
export function createImplementations(core: Core): Implementations {
  return {
    ...engineUseCases(core),
    ...rootUseCases(core),
    ...libraryUseCases(core),
    ...pairPlanUseCases(core),
    ...verifyUseCases(core),
    ...modelUseCases(core),
    ...importUseCases(core),
    ...evictUseCases(core),
    ...planUseCases(core),
    ...partialUseCases(core),
    ...jobUseCases(core),
    ...jobControlUseCases(core),
    ...jobHistoryUseCases(core),
    ...userUseCases(core),
    ...brandUseCases(core),
    ...projectUseCases(core),
    ...itemUseCases(core),
    ...instructionUseCases(core),
    ...auditUseCases(core),
    ...overviewUseCases(core),
    ...providerUseCases(core),
    ...runUseCases(core),
    ...imageUseCases(core),
    ...workflowUseCases(core),
    ...imageFileUseCases(core),
    ...trashUseCases(core),
    ...undoUseCases(core),
  };
}
