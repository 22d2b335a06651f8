import { type ReactElement, useSyncExternalStore } from 'react';

import { isOver } from '../../src/protocol/values.ts';
import { Notice } from '../shared/notice.tsx';
import { Opening } from '../shared/opening.tsx';
import { JobFacts } from './jobFacts.tsx';
import { JobHeader } from './jobHeader.tsx';
import { JobLog } from './jobLog.tsx';
import { problemsOf } from './jobModel.ts';
import { JobParts } from './jobParts.tsx';
import type { JobStore } from './jobStore.ts';
import { SpeedGraph } from './speedGraph.tsx';

/** One job: how far it is, how fast it was, what it is made of and what was noted of it. */
export function JobPanel({ store }: { store: JobStore }): ReactElement {
  const state = useSyncExternalStore(store.state.subscribe, store.state.getSnapshot);
  const { job } = state;
  if (job === undefined) {
    return <Opening text="Looking at the job…" error={state.error} onRetry={() => void store.refresh()} />;
  }
  const problems = problemsOf(job);
  return (
    <main className="job">
      <JobHeader state={state} job={job} store={store} />
      {state.error !== undefined && (
        <Notice kind="error" error={state.error} action={{ label: 'Try again', onClick: () => void store.refresh() }} />
      )}
      {state.actionError !== undefined && (
        <Notice kind="error" error={state.actionError} onDismiss={() => store.dismissError()} />
      )}
      {job.status === 'failed' && job.error !== undefined && <Notice kind="error" error={job.error} />}
      <div className="job-body">
        <div className="job-columns">
          <JobFacts job={job} state={state} store={store} />
          {(job.parts === undefined || state.speed.length > 0) && (
            <SpeedGraph samples={state.speed} isOver={isOver(job.status)} />
          )}
        </div>
        {job.parts !== undefined && <JobParts parts={state.parts} counts={job.parts} store={store} />}
        {problems.length > 0 && <Problems problems={problems} />}
        <JobLog lines={state.lines} store={store} />
      </div>
    </main>
  );
}

const SHOWN = 200;

function Problems({ problems }: { problems: ReturnType<typeof problemsOf> }): ReactElement {
  return (
    <section className="job-section" aria-label="Problems">
      <h2>
        Problems <span className="dim">{problems.length}</span>
      </h2>
      <ul className="problems">
        {problems.slice(0, SHOWN).map(({ path, code, message }) => (
          <li key={`${code} ${path}`}>
            {message} <code>{code}</code>
          </li>
        ))}
        {problems.length > SHOWN && <li className="dim">… and {problems.length - SHOWN} more: Show as text.</li>}
      </ul>
    </section>
  );
}
