import type * as z from 'zod';

import { brandsAdd, brandsList, brandsUpdate } from '../protocol/contracts/brands.ts';
import { imagesGet, imagesPage, imagesRead, imagesThumbnails } from '../protocol/contracts/images.ts';
import { itemsAdd, itemsEnsure, itemsGet, itemsList, itemsUpdate } from '../protocol/contracts/items.ts';
import { jobsCancel, jobsRetry } from '../protocol/contracts/jobs.ts';
import { projectsAdd, projectsList, projectsUpdate } from '../protocol/contracts/projects.ts';
import { providersList } from '../protocol/contracts/providers.ts';
import { runsAgain, runsGenerate, runsGet, runsList } from '../protocol/contracts/runs.ts';
import { usersAdd, usersList, usersSwitch, usersUpdate } from '../protocol/contracts/users.ts';
import { workflowsImport } from '../protocol/contracts/workflows.ts';
import type { CallOptions } from '../protocol/useCases.ts';
import type { EngineClient } from './engineClient.ts';

const _STUDIO_USE_CASES = {
  'brands.add': brandsAdd,
  'brands.list': brandsList,
  'brands.update': brandsUpdate,
  'images.get': imagesGet,
  'images.page': imagesPage,
  'images.read': imagesRead,
  'images.thumbnails': imagesThumbnails,
  'items.add': itemsAdd,
  'items.ensure': itemsEnsure,
  'items.get': itemsGet,
  'items.list': itemsList,
  'items.update': itemsUpdate,
  'jobs.cancel': jobsCancel,
  'jobs.retry': jobsRetry,
  'projects.add': projectsAdd,
  'projects.list': projectsList,
  'projects.update': projectsUpdate,
  'providers.list': providersList,
  'runs.again': runsAgain,
  'runs.generate': runsGenerate,
  'runs.get': runsGet,
  'runs.list': runsList,
  'users.add': usersAdd,
  'users.list': usersList,
  'users.switch': usersSwitch,
  'users.update': usersUpdate,
  'workflows.import': workflowsImport,
} as const;
type StudioUseCases = typeof _STUDIO_USE_CASES;

/** Calls of the studio, while its use cases enter the registry one by one. */
export type StudioCall = <K extends keyof StudioUseCases>(
  name: K,
  input: z.input<StudioUseCases[K]['input']>,
  options?: CallOptions,
) => Promise<z.output<StudioUseCases[K]['output']>>;

export function studioCall(engine: Pick<EngineClient, 'call'>): StudioCall {
  return engine.call as unknown as StudioCall;
}
