import type { ReactElement } from 'react';

import { OVERVIEW_LIMITS } from '../../src/protocol/contracts/overview.ts';
import type { Run } from '../../src/protocol/studioValues.ts';
import { Button } from '../shared/controls.tsx';
import { formatExactTime, formatWhen } from '../shared/formatting.ts';
import { Icon } from '../shared/studioIcon.tsx';
import { RUN_ICONS, runSentence } from '../shared/runWords.ts';
import { Block } from './block.tsx';
import { IMAGES_TO_PICK, imagesOfRun, lastRuns, toPickSentence } from './overviewModel.ts';
import type { Overview } from './overviewRemote.ts';
import type { OverviewState, OverviewStore } from './overviewStore.ts';
import { Picture, Tile } from './tile.tsx';

interface RunsProps {
  readonly store: OverviewStore;
  readonly overview: Overview;
  readonly now: number;
}

/** Runs that failed, each with its reason. */
export function Failures({ store, state, overview, now }: RunsProps & { state: OverviewState }): ReactElement | null {
  const { failures } = overview;
  if (failures.length === 0) return null;
  return (
    <Block title="Failed" count={failures.length} most={OVERVIEW_LIMITS.failures}>
      <ul className="rows">
        {failures.map((run) => (
          <li key={run.id} className="row">
            <div className="row-line">
              <Icon name="error" />
              <RunName run={run} store={store} />
              <When run={run} now={now} />
              <Button
                disabled={state.acting.has(run.job)}
                aria-label={`Retry ${run.item.name}`}
                onClick={() => store.retry(run.job)}
              >
                Retry
              </Button>
            </div>
            {run.error !== undefined && (
              <p className="row-reason">
                {run.error.message} <code>{run.error.code}</code>
              </p>
            )}
          </li>
        ))}
      </ul>
    </Block>
  );
}

/** Runs with images nobody has looked at. */
export function RunsToPick({ store, overview, now }: RunsProps): ReactElement {
  const { toPick } = overview;
  return (
    <Block title="Waiting for a pick" count={toPick.length} most={OVERVIEW_LIMITS.toPick}>
      {toPick.length === 0 ? (
        <p className="dim">Every image is picked or rejected.</p>
      ) : (
        <ul className="rows">
          {toPick.map((run) => {
            const images = imagesOfRun(overview, run.id)
              .filter(({ pick }) => pick === 'none')
              .slice(0, IMAGES_TO_PICK);
            return (
              <li key={run.id} className="row">
                <div className="row-line">
                  <RunName run={run} store={store} />
                  <When run={run} now={now} />
                  <Button
                    aria-label={`Pick from ${toPickSentence(run)} of ${run.item.name}`}
                    onClick={() => store.ask((remote) => remote.request('overview.openGallery', { run: run.id }))}
                  >
                    Pick from {toPickSentence(run)}
                  </Button>
                </div>
                {images.length > 0 && (
                  <div className="strip">
                    {images.map((image) => (
                      <Tile key={image.id} image={image} store={store} />
                    ))}
                  </div>
                )}
              </li>
            );
          })}
        </ul>
      )}
    </Block>
  );
}

/** What was made last. */
export function LastRuns({ store, overview, now }: RunsProps): ReactElement | null {
  const runs = lastRuns(overview);
  if (runs.length === 0) return null;
  return (
    <Block title="Last runs">
      <ul className="rows rows-close">
        {runs.map((run) => (
          <li key={run.id} className="row">
            <div className="row-line">
              <span className="row-picture">
                <Picture image={imagesOfRun(overview, run.id)[0]?.id} store={store} />
              </span>
              <div className="row-words">
                <RunName run={run} store={store} />
                <p className="row-text dim">
                  {runSentence(run, now)} · {run.provider}
                </p>
              </div>
              <When run={run} now={now} />
              <span className={`row-state row-${run.status}`} title={runSentence(run, now)}>
                <Icon name={RUN_ICONS[run.status]} />
              </span>
            </div>
          </li>
        ))}
      </ul>
    </Block>
  );
}

function RunName({ run, store }: { run: Run; store: OverviewStore }): ReactElement {
  return (
    <button
      type="button"
      className="row-name"
      title="Open the work item"
      onClick={() => store.ask((remote) => remote.request('overview.openItem', { item: run.item.id }))}
    >
      {run.item.name} <span className="dim">{run.project.name}</span>
    </button>
  );
}

function When({ run, now }: { run: Run; now: number }): ReactElement {
  return (
    <span className="row-figure dim figure" title={formatExactTime(run.createdAt)}>
      {formatWhen(run.createdAt, now)}
    </span>
  );
}
