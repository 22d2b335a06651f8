import type { Services } from '../services.ts';
import type { CommandTable } from './commandTable.ts';
import { copyCommands } from './copyCommands.ts';
import { generationDataCommands } from './generationDataCommands.ts';
import { jobCommands } from './jobCommands.ts';
import { keepRootCommands } from './keepRootCommands.ts';
import { placeCommands } from './placeCommands.ts';
import { planCommands } from './planCommands.ts';
import { projectCommands } from './projectCommands.ts';
import { rootCommands } from './rootCommands.ts';
import { runCommands } from './runCommands.ts';
import { scanCommands } from './scanCommands.ts';
import { studioSetUpCommands } from './studioSetUpCommands.ts';
import { windowCommands } from './windowCommands.ts';

/** Every command of the extension; package.json names the same ones. */
export function allCommands(services: Services, extensionId: string): CommandTable {
  return {
    ...rootCommands(services),
    ...keepRootCommands(services),
    ...scanCommands(services),
    ...planCommands(services),
    ...copyCommands(services),
    ...placeCommands(services),
    ...jobCommands(services),
    ...projectCommands(services.studio),
    ...runCommands(services.studio),
    ...studioSetUpCommands(services.studio),
    ...generationDataCommands(services.studio),
    ...windowCommands(services, extensionId),
  };
}
