import type { ReactElement, ReactNode } from 'react';

import { formatBytes, formatCount } from '../../src/base/format.ts';
import type { Job } from '../../src/protocol/values.ts';
import { formatExactTime, formatTime } from '../shared/formatting.ts';
import { useNow } from '../shared/useNow.ts';
import { tookWords } from './jobModel.ts';
import type { JobPanelState, JobStore } from './jobStore.ts';

const STEP_WORDS = [
  ['done', 'done'],
  ['already', 'done before'],
  ['skipped', 'skipped'],
  ['undecided', 'left undecided'],
  ['failed', 'failed'],
  ['canceled', 'canceled'],
] as const;

/** When, how long, how often, and what became of its steps. */
export function JobFacts({ job, state, store }: { job: Job; state: JobPanelState; store: JobStore }): ReactElement {
  const now = useNow(job.status === 'running');
  const took = job.status === 'running' || job.finishedAt !== null ? tookWords(job, now) : undefined;
  const steps = state.steps && {
    ...state.steps,
    skipped: state.steps.skipped - (state.steps.undecided ?? 0),
    undecided: state.steps.undecided ?? 0,
  };
  const counted = steps === undefined ? [] : STEP_WORDS.filter(([status]) => steps[status] > 0);
  return (
    <dl className="facts">
      <Fact word="Queued">
        <Time at={job.createdAt} />
      </Fact>
      {job.startedAt !== null && (
        <Fact word="Started">
          <Time at={job.startedAt} />
        </Fact>
      )}
      {job.finishedAt !== null && (
        <Fact word="Finished">
          <Time at={job.finishedAt} />
        </Fact>
      )}
      {took !== undefined && <Fact word={job.finishedAt === null ? 'Running for' : 'Took'}>{took}</Fact>}
      <Fact word="Attempts">{formatCount(job.attempts)}</Fact>
      {steps !== undefined && (
        <Fact word="Steps">
          {counted.length === 0
            ? `${formatCount(steps.total)} to do`
            : counted.map(([status, word]) => (
                <span key={status} className={`steps-${status}`}>
                  {formatCount(steps[status])} {word}
                </span>
              ))}
          {counted.length > 0 && <span className="dim">of {formatCount(steps.total)}</span>}
        </Fact>
      )}
      {steps !== undefined && steps.bytes > 0 && <Fact word="Verified">{formatBytes(steps.bytes)}</Fact>}
      <Fact word="Id">
        <button
          type="button"
          className="link"
          title="Show all there is to know of it as a text"
          onClick={() => store.ask((remote, options) => remote.request('job.asText', {}, options))}
        >
          Show as text
        </button>
        <code>{job.id}</code>
      </Fact>
    </dl>
  );
}

function Fact({ word, children }: { word: string; children: ReactNode }): ReactElement {
  return (
    <>
      <dt className="dim">{word}</dt>
      <dd className="figure">{children}</dd>
    </>
  );
}

function Time({ at }: { at: number }): ReactElement {
  return <span title={formatExactTime(at)}>{formatTime(at)}</span>;
}
