import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import { storeFile } from '../base/binaryFile.ts';
import { LakesideError } from '../base/errors.ts';
import type { RunSnapshot } from '../protocol/studioValues.ts';
import type { GenerateReport } from '../protocol/values.ts';
import type { JobContext } from '../queue/jobHandlers.ts';
import { performRun } from '../studio/runs/performRun.ts';
import type { Core } from './core.ts';

/** Where runs work, below the data dir. */
export const SCRATCH = 'scratch';
/** Where pictures of what is being made lie, below the data dir. */
export const PREVIEWS = 'previews';

/** The handler of `generate`: binds a run to the store, the provider and the files. */
export function generateJob(core: Core, snapshot: RunSnapshot, context: JobContext): Promise<GenerateReport> {
  const { store, clock, dataDir } = core;
  const job = store.jobs.get(context.jobId);
  if (job === undefined) throw new LakesideError('JOB_NOT_FOUND', 'validation', 'The job was cleared meanwhile.');
  return performRun({
    provider: core.providers.require(snapshot.provider.name),
    snapshot,
    job: { id: job.id, createdAt: job.createdAt },
    context,
    tools: {
      runs: store.runs,
      clock,
      images: core.images,
      storeFile,
      newId: () => core.newStudioId(),
      newSubmission: () => randomUUID(),
      scratchDir: join(dataDir, SCRATCH),
      previewsDir: join(dataDir, PREVIEWS),
      onPreview: (preview) => core.preview({ job: job.id, run: snapshot.run, item: snapshot.item.id, ...preview }),
      onChange: () => core.changed('runs', 'images', 'studio'),
      hideSecrets: (error) => core.secrets.hideIn(error),
      onProblem: ({ code, message }) => core.log.write({ level: 'warn', message, data: { code, run: snapshot.run } }),
    },
  });
}
