import { randomInt } from 'node:crypto';
import { join } from 'node:path';

import { LakesideError } from '../base/errors.ts';
import type { Generation, MergedPrompt, Run, RunSnapshot, RunState } from '../protocol/studioValues.ts';
import type { ItemRow } from '../store/itemStore.ts';
import type { Provider } from '../studio/providers/provider.ts';
import { changeStudio } from './changeStudio.ts';
import type { Core } from './core.ts';
import type { AreaImplementations } from './implementations.ts';
import { mergedPrompt } from './instructions.ts';
import { imagesFolderOf } from './projects.ts';
import { refuseUntrusted } from './refuseUntrusted.ts';
import { refuseArchivedItem, requireItem, requireProject } from './requireStudio.ts';
import { runFromJob, runState } from './runFromJob.ts';
import { chosenWorkflow } from './workflows.ts';

/** As large as every generator takes; a person may give a larger one. */
const MAX_RANDOM_SEED = 2 ** 32;

/** Throws RUN_UNKNOWN. */
export function requireRun(core: Core, id: string): { run: Run; snapshot: RunSnapshot } {
  const job = core.store.runJobs.get(id);
  const run = core.store.runs.get(id);
  const snapshot = job?.snapshot ?? core.store.runs.snapshot(id);
  if (snapshot !== undefined && run !== undefined) return { run, snapshot };
  if (job !== undefined) return { run: runFromJob(job), snapshot: job.snapshot };
  throw new LakesideError('RUN_UNKNOWN', 'validation', `There is no run ${id}. Look at the runs again.`, {
    context: { id },
  });
}

/** Runs newest first: those that wait or run by their jobs, the others as they were left. */
export function listRuns(
  core: Core,
  options: {
    readonly item?: string | undefined;
    readonly project?: string | undefined;
    readonly states?: readonly RunState[] | undefined;
    readonly limit: number;
  },
): Run[] {
  const { runs, runJobs } = core.store;
  const { item, project, states, limit } = options;
  const active = runJobs
    .active(item)
    .filter(({ snapshot }) => project === undefined || snapshot.project.id === project)
    .filter((job) => states === undefined || states.includes(runState(job)))
    .map((job) => runs.get(job.id) ?? runFromJob(job));
  return [...active, ...runs.ended(options)]
    .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1))
    .slice(0, limit);
}

export function runUseCases(core: Core): AreaImplementations<'runs'> {
  const { store } = core;
  return {
    'runs.generate': async ({ item: itemId, generation }) => {
      const item = requireItem(core, itemId);
      refuseArchivedItem(core, item);
      const provider = core.providers.require(generation.provider);
      refuseUntrusted(core, provider);
      const merged = await mergedPrompt(core, item.id, generation);
      const job = await changeStudio(core, ({ by, audit }) => {
        const payload = snapshotOf(core, { item, generation, provider, merged, user: by });
        const { run, generation: asked } = payload;
        const { provider: name, prompt, count, seed } = asked;
        audit({
          action: 'run.add',
          subject: 'run',
          subjectId: run,
          after: { item: item.id, provider: name, prompt, count, seed },
        });
        return core.add({
          // The job of a run bears its id, so that each is found by the other.
          id: run,
          kind: 'generate',
          title: count === 1 ? `Generate ${item.name}` : `Generate ${item.name} (${count} images)`,
          payload,
          roots: [],
          needs: [`provider:${provider.name}`, ...(provider.capabilities.needsTrust ? ['trust:'] : [])],
          workItem: item.id,
          dedupeKey: `generate ${run}`,
          // A person waits for it.
          priority: 1,
        });
      });
      core.changed('jobs', 'runs');
      core.queue.poke();
      return { run: job.id, job: job.id };
    },
    'runs.again': ({ run: runId, image: imageId }) => {
      if (imageId !== undefined) {
        const image = store.images.get(imageId);
        if (image === undefined) throw imageUnknown(imageId);
        const { generation, item } = requireRun(core, image.run).snapshot;
        return { item: item.id, generation: { ...generation, seed: image.seed, count: 1 } };
      }
      if (runId === undefined) throw new LakesideError('RUN_UNKNOWN', 'validation', 'Name a run or an image.');
      const { generation, item } = requireRun(core, runId).snapshot;
      return { item: item.id, generation };
    },
    'runs.list': (query) => ({ runs: listRuns(core, query) }),
    'runs.get': ({ id }) => ({ ...requireRun(core, id), images: store.images.ofRun(id) }),
  };
}

/** All that the run will be made with, decided now. */
function snapshotOf(
  core: Core,
  asked: {
    readonly item: ItemRow;
    readonly generation: Generation;
    readonly provider: Provider;
    readonly merged: MergedPrompt;
    readonly user: RunSnapshot['user'];
  },
): RunSnapshot {
  const { item, generation, provider, merged, user } = asked;
  const project = requireProject(core, item.project.id);
  const run = core.newStudioId();
  const workflow = workflowFor(core, provider, generation);
  return {
    run,
    item: { id: item.id, slug: item.slug, name: item.name },
    project: { id: project.id, slug: project.slug, name: project.name },
    brand: project.brand,
    user: { id: user.id, name: user.name },
    provider: { name: provider.name, kind: provider.kind },
    ...(workflow && { workflow }),
    merged,
    generation: { ...generation, provider: provider.name, seed: generation.seed ?? randomInt(MAX_RANDOM_SEED) },
    folder: join(imagesFolderOf(core, project.storage), project.slug, item.slug, `run-${run}`),
  };
}

function workflowFor(core: Core, provider: Provider, generation: Generation): RunSnapshot['workflow'] {
  if (!provider.capabilities.workflows) {
    if (generation.workflow === undefined) return undefined;
    throw new LakesideError(
      'WORKFLOW_NOT_WANTED',
      'validation',
      `The provider "${provider.name}" runs no workflows. Leave the workflow out, or choose a provider that runs ComfyUI's.`,
    );
  }
  const { id, name, graph, bindings } = chosenWorkflow(core, generation.workflow);
  return { id, name, graph, bindings };
}

export function imageUnknown(id: string): LakesideError {
  return new LakesideError('IMAGE_UNKNOWN', 'validation', `There is no image ${id}. Look at the images again.`, {
    context: { id },
  });
}
