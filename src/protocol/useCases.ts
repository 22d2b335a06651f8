import type { z } from 'zod';

import { brandsAdd, brandsList, brandsUpdate } from './contracts/brands.ts';
import { engineConfigure, engineInfo } from './contracts/engine.ts';
import {
  auditsList,
  imagesConvert,
  imagesGet,
  imagesJudge,
  imagesPage,
  imagesRead,
  imagesScope,
  imagesThumbnails,
} from './contracts/images.ts';
import { instructionsGet, instructionsMerge, instructionsSet } from './contracts/instructions.ts';
import { itemsAdd, itemsEnsure, itemsGet, itemsList, itemsUpdate } from './contracts/items.ts';
import {
  jobsCancel,
  jobsClear,
  jobsGet,
  jobsGroup,
  jobsList,
  jobsLog,
  jobsMove,
  jobsPause,
  jobsResume,
  jobsRetry,
  jobsSpeed,
  jobsWait,
} from './contracts/jobs.ts';
import {
  libraryDiff,
  libraryFolder,
  libraryHash,
  libraryHashes,
  libraryImportHashes,
  libraryLook,
  libraryRotten,
  libraryScan,
  libraryVerify,
} from './contracts/library.ts';
import { modelsShow } from './contracts/models.ts';
import { overviewGet } from './contracts/overview.ts';
import { partialsList, partialsRemove } from './contracts/partials.ts';
import {
  plansApply,
  plansBoth,
  plansCopy,
  plansEvict,
  plansInfo,
  plansMirror,
  plansNameLastCopies,
  plansOpen,
  plansPage,
  plansResolve,
  plansResult,
  plansRevert,
  plansSave,
  plansTick,
  plansUndo,
  plansUpdate,
} from './contracts/plans.ts';
import { projectsAdd, projectsList, projectsUpdate } from './contracts/projects.ts';
import { providersList } from './contracts/providers.ts';
import { runsAgain, runsGenerate, runsGet, runsList } from './contracts/runs.ts';
import { rootsAdd, rootsList, rootsRemove, rootsSpace, rootsUpdate } from './contracts/roots.ts';
import { trashList, trashPurge, trashRestore } from './contracts/trash.ts';
import { usersAdd, usersList, usersSwitch, usersUpdate } from './contracts/users.ts';
import {
  workflowsBind,
  workflowsFields,
  workflowsGet,
  workflowsImport,
  workflowsList,
  workflowsUpdate,
} from './contracts/workflows.ts';

/** The registry: everything Lakeside can do. Each face (panels, command line, …) is a face of this table. */
export const USE_CASES = {
  'engine.info': engineInfo,
  'engine.configure': engineConfigure,
  'roots.list': rootsList,
  'roots.add': rootsAdd,
  'roots.update': rootsUpdate,
  'roots.remove': rootsRemove,
  'roots.space': rootsSpace,
  'library.scan': libraryScan,
  'library.hash': libraryHash,
  'library.hashes': libraryHashes,
  'library.look': libraryLook,
  'library.verify': libraryVerify,
  'models.show': modelsShow,
  'library.rotten': libraryRotten,
  'library.importHashes': libraryImportHashes,
  'library.diff': libraryDiff,
  'library.folder': libraryFolder,
  'plans.mirror': plansMirror,
  'plans.update': plansUpdate,
  'plans.both': plansBoth,
  'plans.evict': plansEvict,
  'plans.undo': plansUndo,
  'plans.copy': plansCopy,
  'plans.open': plansOpen,
  'plans.info': plansInfo,
  'plans.page': plansPage,
  'plans.tick': plansTick,
  'plans.resolve': plansResolve,
  'plans.nameLastCopies': plansNameLastCopies,
  'plans.save': plansSave,
  'plans.revert': plansRevert,
  'plans.apply': plansApply,
  'plans.result': plansResult,
  'jobs.list': jobsList,
  'jobs.get': jobsGet,
  'jobs.wait': jobsWait,
  'jobs.pause': jobsPause,
  'jobs.resume': jobsResume,
  'jobs.move': jobsMove,
  'jobs.group': jobsGroup,
  'jobs.log': jobsLog,
  'jobs.speed': jobsSpeed,
  'jobs.cancel': jobsCancel,
  'jobs.retry': jobsRetry,
  'jobs.clear': jobsClear,
  'trash.list': trashList,
  'trash.restore': trashRestore,
  'trash.purge': trashPurge,
  'partials.list': partialsList,
  'partials.remove': partialsRemove,
  'users.list': usersList,
  'users.add': usersAdd,
  'users.update': usersUpdate,
  'users.switch': usersSwitch,
  'brands.list': brandsList,
  'brands.add': brandsAdd,
  'brands.update': brandsUpdate,
  'projects.list': projectsList,
  'projects.add': projectsAdd,
  'projects.update': projectsUpdate,
  'items.list': itemsList,
  'items.get': itemsGet,
  'items.add': itemsAdd,
  'items.ensure': itemsEnsure,
  'items.update': itemsUpdate,
  'instructions.get': instructionsGet,
  'instructions.set': instructionsSet,
  'instructions.merge': instructionsMerge,
  'audits.list': auditsList,
  'overview.get': overviewGet,
  'images.thumbnails': imagesThumbnails,
  'images.read': imagesRead,
  'images.convert': imagesConvert,
  'workflows.list': workflowsList,
  'workflows.import': workflowsImport,
  'workflows.get': workflowsGet,
  'workflows.bind': workflowsBind,
  'workflows.update': workflowsUpdate,
  'workflows.fields': workflowsFields,
  'providers.list': providersList,
  'runs.generate': runsGenerate,
  'runs.again': runsAgain,
  'runs.list': runsList,
  'runs.get': runsGet,
  'images.page': imagesPage,
  'images.scope': imagesScope,
  'images.get': imagesGet,
  'images.judge': imagesJudge,
} as const;

export type UseCases = typeof USE_CASES;
export type UseCaseName = keyof UseCases;
/** What a caller passes: fields with a default may be left out. */
export type UseCaseInput<K extends UseCaseName> = z.input<UseCases[K]['input']>;
/** What an implementation gets: parsed, defaults filled in. */
export type ParsedInput<K extends UseCaseName> = z.output<UseCases[K]['input']>;
export type UseCaseOutput<K extends UseCaseName> = z.output<UseCases[K]['output']>;

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the call fails with TIMEOUT; 60,000 if not given. */
  readonly timeoutMs?: number | undefined;
  /** A command repeated with the same key gives its first answer and is not done again. */
  readonly idempotencyKey?: string | undefined;
}

/** How every face calls: one function over the registry. Rejects with a LakesideError. */
export type CallUseCase = <K extends UseCaseName>(
  name: K,
  input: UseCaseInput<K>,
  options?: CallOptions,
) => Promise<UseCaseOutput<K>>;
