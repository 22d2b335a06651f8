import { type ReactElement, useSyncExternalStore } from 'react';

import { Button } from '../shared/controls.tsx';
import { Notice } from '../shared/notice.tsx';
import { Opening } from '../shared/opening.tsx';
import { useNow } from '../shared/useNow.ts';
import { FirstSteps } from './firstSteps.tsx';
import { JobRows } from './jobRows.tsx';
import { LatestImages } from './latestImages.tsx';
import { countsSentence, isUntouched } from './overviewModel.ts';
import type { Overview } from './overviewRemote.ts';
import type { OverviewState, OverviewStore } from './overviewStore.ts';
import { RootRows } from './rootRows.tsx';
import { Failures, LastRuns, RunsToPick } from './runRows.tsx';

export function OverviewPanel({ store }: { store: OverviewStore }): ReactElement {
  const state = useSyncExternalStore(store.state.subscribe, store.state.getSnapshot);
  const { overview, error } = state;
  if (overview !== undefined) return <Loaded store={store} state={state} overview={overview} />;
  return <Opening text="Looking at the studio…" error={error} onRetry={() => void store.refresh()} />;
}

interface LoadedProps {
  readonly store: OverviewStore;
  readonly state: OverviewState;
  readonly overview: Overview;
}

function Loaded({ store, state, overview }: LoadedProps): ReactElement {
  const now = useNow(overview.jobs.length > 0);
  const untouched = isUntouched(overview);
  return (
    <main className="overview">
      <div className="overview-content">
        <header className="overview-header">
          <div>
            <h1>Overview</h1>
            {!untouched && <p className="dim figure">{countsSentence(overview)}</p>}
          </div>
          {!untouched && (
            <Button onClick={() => store.ask((remote) => remote.request('overview.newItem', {}))}>New work item</Button>
          )}
        </header>
        {state.error !== undefined && (
          <Notice
            kind="warning"
            text={`What is shown may be out of date: ${state.error.message}`}
            action={{ label: 'Try again', onClick: () => void store.refresh() }}
          />
        )}
        {state.actionError !== undefined && (
          <Notice kind="error" error={state.actionError} onDismiss={() => store.dismissError()} />
        )}
        {untouched && <FirstSteps store={store} item={state.firstItem} />}
        <div className={untouched ? 'overview-single' : 'overview-columns'}>
          <div className="overview-column">
            {(!untouched || overview.jobs.length > 0) && <JobRows store={store} state={state} overview={overview} />}
            <Failures store={store} state={state} overview={overview} now={now} />
            {!untouched && <RunsToPick store={store} overview={overview} now={now} />}
            {!untouched && <LastRuns store={store} overview={overview} now={now} />}
          </div>
          <div className="overview-column">
            {!untouched && <LatestImages store={store} overview={overview} />}
            <RootRows store={store} overview={overview} now={now} />
          </div>
        </div>
      </div>
    </main>
  );
}
