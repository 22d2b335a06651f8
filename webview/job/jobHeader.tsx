import type { ReactElement } from 'react';

import { hasFindings } from '../../src/protocol/resultWords.ts';
import { isOver, type Job, type JobState } from '../../src/protocol/values.ts';
import { Button } from '../shared/controls.tsx';
import { Icon, type IconName } from '../shared/transferIcon.tsx';
import { jobActions, progressFigures, progressShare, stateSentence, stateWords } from './jobModel.ts';
import type { JobPanelState, JobStore } from './jobStore.ts';

const STATE_ICONS: Readonly<Record<JobState, IconName>> = {
  queued: 'clock',
  waiting: 'clock',
  paused: 'pause',
  running: 'loading',
  succeeded: 'pass',
  failed: 'error',
  canceled: 'skip',
};

export interface JobHeaderProps {
  readonly state: JobPanelState;
  readonly job: Job;
  readonly store: JobStore;
}

/** What it is, how far it is, and what may be done to it. */
export function JobHeader({ state, job, store }: JobHeaderProps): ReactElement {
  const progress = state.progress ?? job.progress;
  const share = job.status === 'succeeded' ? 1 : progressShare(progress);
  const figures = progressFigures(job, progress, state.rates);
  const sentence = stateSentence(job);
  const isActive = !isOver(job.status);
  const finding = job.status === 'succeeded' && hasFindings(job);
  return (
    <header className="job-header">
      <div className="job-title">
        <Icon
          name={finding ? 'warning' : STATE_ICONS[job.status]}
          className={`state-${finding ? 'finding' : job.status}`}
        />
        <div>
          <h1>{job.title}</h1>
          <p className="dim" role="status">
            {stateWords(job)}
            {job.status !== 'failed' && sentence !== '' && ` · ${sentence}`}
          </p>
        </div>
      </div>
      <Actions state={state} job={job} store={store} />
      {isActive && (
        <div className="job-progress">
          <progress
            className={share === undefined ? 'unknown' : ''}
            max={1}
            {...(share === undefined ? {} : { value: share })}
            aria-label="How far it is"
          />
          <p className="job-figures">
            {share !== undefined && <span className="job-percent">{Math.floor(share * 100)} %</span>}
            {figures.map((figure) => (
              <span key={figure} className="figure">
                {figure}
              </span>
            ))}
          </p>
          <p className="job-text dim">{job.status === 'running' ? (progress?.text ?? '') : ''}</p>
        </div>
      )}
    </header>
  );
}

function Actions({ state, job, store }: JobHeaderProps): ReactElement {
  const { acting, trusted } = state;
  const can = jobActions(job);
  return (
    <div className="job-actions" role="group" aria-label="What can be done">
      {can.move && (
        <>
          <Button disabled={acting} title="Before all others of its kind of work" onClick={() => store.act('first')}>
            First
          </Button>
          <Button disabled={acting} title="Behind all others of its kind of work" onClick={() => store.act('last')}>
            Last
          </Button>
        </>
      )}
      {can.resume && (
        <Button id="resume" appearance="primary" disabled={acting} onClick={() => store.act('jobs.resume')}>
          Resume
        </Button>
      )}
      {can.pause && (
        <Button id="pause" disabled={acting} onClick={() => store.act('jobs.pause')}>
          Pause
        </Button>
      )}
      {can.cancel && (
        <Button id="cancel" disabled={acting} onClick={() => store.act('jobs.cancel')}>
          Cancel
        </Button>
      )}
      {can.retry && (
        <Button id="retry" appearance="primary" disabled={acting || !trusted} onClick={() => store.act('jobs.retry')}>
          Retry
        </Button>
      )}
      {job.kind === 'apply' && (
        <Button
          id="open-plan"
          onClick={() => store.ask((remote, options) => remote.request('job.openPlan', {}, options))}
        >
          Open plan
        </Button>
      )}
      {can.undo && (
        <Button
          id="undo"
          disabled={!trusted}
          title="Makes the plan that takes back what it did. Nothing is done before you apply that"
          onClick={() => store.ask((remote, options) => remote.request('job.undo', {}, options))}
        >
          Undo…
        </Button>
      )}
    </div>
  );
}
