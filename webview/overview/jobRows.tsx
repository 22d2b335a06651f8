import type { ReactElement } from 'react';

import { formatBytes, formatCount } from '../../src/base/format.ts';
import type { Job, LiveProgress } from '../../src/protocol/values.ts';
import { Button } from '../shared/controls.tsx';
import { Icon } from '../shared/studioIcon.tsx';
import { progressShare } from '../shared/runWords.ts';
import { Block } from './block.tsx';
import { jobSentence, topJobs } from './overviewModel.ts';
import type { Overview } from './overviewRemote.ts';
import type { OverviewState, OverviewStore } from './overviewStore.ts';

export interface JobRowsProps {
  readonly store: OverviewStore;
  readonly state: OverviewState;
  readonly overview: Overview;
}

/** What runs and what waits, of any kind. */
export function JobRows({ store, state, overview }: JobRowsProps): ReactElement {
  const jobs = topJobs(overview);
  return (
    <Block title="Now" count={jobs.length}>
      {jobs.length === 0 ? (
        <p className="dim">Nothing is running.</p>
      ) : (
        <ul className="rows">
          {jobs.map((job) => (
            <JobRow
              key={job.id}
              job={job}
              progress={state.progress.get(job.id) ?? job.progress}
              acting={state.acting.has(job.id)}
              item={overview.runs.find((run) => run.job === job.id)?.item.id}
              store={store}
            />
          ))}
        </ul>
      )}
    </Block>
  );
}

interface JobRowProps {
  readonly job: Job;
  readonly progress: LiveProgress | null;
  readonly acting: boolean;
  /** The work item it makes images for. */
  readonly item: string | undefined;
  readonly store: OverviewStore;
}

function JobRow({ job, progress, acting, item, store }: JobRowProps): ReactElement {
  const isRunning = job.status === 'running';
  return (
    <li className="row">
      <div className="row-line">
        <Icon name={isRunning ? 'loading' : 'clock'} />
        <button
          type="button"
          className="row-name"
          title={item === undefined ? 'Show in Jobs' : 'Open the work item'}
          onClick={() =>
            store.ask((remote) =>
              item === undefined
                ? remote.request('panel.showJob', { job: job.id })
                : remote.request('overview.openItem', { item }),
            )
          }
        >
          {job.title}
        </button>
        <span className="row-figure dim figure">{isRunning ? progressFigure(progress) : ''}</span>
        <Button disabled={acting} aria-label={`Cancel ${job.title}`} onClick={() => store.cancel(job.id)}>
          Cancel
        </Button>
      </div>
      {isRunning && <progress value={progressShare(progress)} max={1} aria-label={`How far ${job.title} is`} />}
      <p className="row-text dim">{jobSentence(job, progress)}</p>
    </li>
  );
}

/** `1.2 GB of 4.0 GB`, `12 of 40`, or nothing while the whole is not known. */
function progressFigure(progress: LiveProgress | null): string {
  if (progress === null) return '';
  const { doneBytes, totalBytes, doneItems, totalItems } = progress;
  if (totalBytes !== null && totalBytes > 0) return `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`;
  if (totalItems !== null && totalItems > 0) return `${formatCount(doneItems)} of ${formatCount(totalItems)}`;
  return '';
}
