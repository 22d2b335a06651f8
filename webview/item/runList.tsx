import { type ReactElement, useSyncExternalStore } from 'react';

import { formatCount } from '../../src/base/format.ts';
import { Icon } from '../shared/studioIcon.tsx';
import { Notice } from '../shared/notice.tsx';
import { isActive } from '../shared/runWords.ts';
import { useNow } from '../shared/useNow.ts';
import type { ItemStore } from './itemStore.ts';
import { RunCard } from './runCard.tsx';
import type { RunsStore } from './runsStore.ts';

export interface RunListProps {
  readonly store: ItemStore;
  readonly runs: RunsStore;
  /** Why nothing can be generated now. */
  readonly blocked: string | undefined;
}

export function RunList({ store, runs, blocked }: RunListProps): ReactElement {
  const state = useSyncExternalStore(runs.state.subscribe, runs.state.getSnapshot);
  const isRunning = state.runs?.some(isActive) ?? false;
  const now = useNow(isRunning);
  return (
    <section className="runs" aria-label="Runs" aria-busy={state.runs === undefined}>
      <h2 className="runs-title">
        Runs{' '}
        {state.runs !== undefined && state.runs.length > 0 && (
          <span className="dim figure">{formatCount(state.runs.length)}</span>
        )}
      </h2>
      {state.error !== undefined && (
        <Notice kind="error" error={state.error} action={{ label: 'Try again', onClick: () => void runs.refresh() }} />
      )}
      {state.runs === undefined && state.error === undefined && (
        <p className="dim" role="status">
          Loading runs…
        </p>
      )}
      {state.runs?.length === 0 && (
        <div className="runs-empty">
          <Icon name="fileMedia" />
          <p>No images yet.</p>
          <p className="dim">
            {blocked === undefined
              ? 'Press Generate, or Ctrl+Enter, and they appear here while they are made.'
              : 'Describe what to see, choose a provider and press Generate: they appear here while they are made.'}
          </p>
        </div>
      )}
      {state.runs?.map((run) => (
        <RunCard key={run.id} run={run} state={state} runs={runs} store={store} now={now} />
      ))}
    </section>
  );
}
