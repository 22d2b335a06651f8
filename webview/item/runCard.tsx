import type { KeyboardEvent, ReactElement } from 'react';

import { formatCount, formatQuantity } from '../../src/base/format.ts';
import type { Run, RunImage } from '../../src/protocol/studioValues.ts';
import { Button } from '../shared/controls.tsx';
import { formatExactTime, formatWhen } from '../shared/formatting.ts';
import { Icon } from '../shared/studioIcon.tsx';
import { Notice } from '../shared/notice.tsx';
import { isActive, progressShare, RUN_ICONS, RUN_WORDS, runSentence } from '../shared/runWords.ts';
import { useThumbnail } from '../shared/useThumbnail.ts';
import type { ItemStore } from './itemStore.ts';
import { SHOWN_IMAGES } from './runModel.ts';
import type { RunsState, RunsStore } from './runsStore.ts';

export interface RunCardProps {
  readonly run: Run;
  readonly state: RunsState;
  readonly runs: RunsStore;
  readonly store: ItemStore;
  readonly now: number;
}

/** One run: how it stands, what it made or is making, and why it failed. */
export function RunCard({ run, state, runs, store, now }: RunCardProps): ReactElement {
  const active = isActive(run);
  const progress = active ? state.progress.get(run.job) : undefined;
  const isActing = state.acting.has(run.id);
  const refused = state.refused?.run === run.id ? state.refused.error : undefined;
  return (
    <article className={`run run-${run.status}`} aria-label={`Run of ${formatWhen(run.createdAt, now)}`}>
      <header className="run-head">
        <Icon name={RUN_ICONS[run.status]} />
        <p className="run-words">
          <strong>{RUN_WORDS[run.status]}</strong> <span>{runSentence(run, now)}</span>
        </p>
        <span className="run-actions">
          {!active && (
            <Button
              appearance="icon"
              aria-label="Fill the editor with these settings"
              title="Fill the editor with these settings"
              onClick={() => void store.again(run.id)}
            >
              <Icon name="again" />
            </Button>
          )}
          {active && (
            <Button disabled={isActing} onClick={() => runs.cancel(run)}>
              Cancel
            </Button>
          )}
        </span>
      </header>
      <p className="run-facts dim" title={formatExactTime(run.createdAt)}>
        {formatWhen(run.createdAt, now)} · {run.provider} · {run.createdBy}
      </p>
      {run.prompt !== '' && (
        <p className="run-prompt dim" title={run.prompt.slice(0, 2_000)}>
          {run.prompt.slice(0, 300)}
        </p>
      )}
      {active && run.error !== undefined && (
        <p className="run-trouble">
          <Icon name="warning" />
          <span>
            {run.error.message} It is tried again. <code>{run.error.code}</code>
          </span>
        </p>
      )}
      {run.status === 'running' && (
        <>
          <progress value={progressShare(progress)} max={1} aria-label="Made so far" />
          <p className="run-text dim">{progress?.text ?? ''}</p>
        </>
      )}
      <RunTiles run={run} state={state} runs={runs} />
      {run.status === 'failed' && run.error !== undefined && (
        <Notice kind="error" error={run.error} action={{ label: 'Retry', onClick: () => runs.retry(run) }} />
      )}
      {run.status === 'canceled' && (
        <p className="run-again">
          <button type="button" className="link" disabled={isActing} onClick={() => runs.retry(run)}>
            Run it again
          </button>
        </p>
      )}
      {refused !== undefined && <Notice kind="error" error={refused} onDismiss={() => runs.dismiss()} />}
    </article>
  );
}

/** The images, then what is being made, then places for what is still to come. */
function RunTiles({ run, state, runs }: { run: Run; state: RunsState; runs: RunsStore }): ReactElement | null {
  const images = state.images.get(run.id) ?? [];
  const shown = images.slice(0, SHOWN_IMAGES);
  const more = Math.max(run.images, images.length) - shown.length;
  const toCome = run.status === 'running' ? Math.max(0, Math.min(SHOWN_IMAGES, run.count) - shown.length) : 0;
  const previews = (state.previews.get(run.id) ?? []).toSorted((a, b) => a.part - b.part);
  if (shown.length === 0 && toCome === 0) return null;
  return (
    <ul className="tiles" aria-label="Images of this run">
      {shown.map((image, index) => (
        <li key={image.id}>
          <ImageTile image={image} place={index + 1} runs={runs} />
        </li>
      ))}
      {Array.from({ length: toCome }, (_, index) => {
        const preview = previews[index];
        return (
          // Places have no name: they are filled from the left.
          <li key={`place ${index}`}>
            {preview === undefined ? (
              <span className="tile tile-place" aria-label="To come" />
            ) : (
              <img className="tile tile-preview" src={preview.uri} alt={`Preview of image ${preview.part}`} />
            )}
          </li>
        );
      })}
      {more > 0 && (
        <li>
          <button
            type="button"
            className="tile tile-more"
            aria-label={`${formatQuantity(more, 'more image')}, in the gallery`}
            onClick={() => runs.ask(run.id, (remote) => remote.request('item.openGallery', { run: run.id }))}
          >
            +{formatCount(more)}
          </button>
        </li>
      )}
    </ul>
  );
}

function ImageTile({ image, place, runs }: { image: RunImage; place: number; runs: RunsStore }): ReactElement {
  const thumbnail = useThumbnail(runs.thumbnails, image.id);
  const name = `Image ${place}, ${image.width} × ${image.height}, seed ${image.seed}`;
  const judged = image.pick === 'none' ? '' : `, ${image.pick}`;
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === 'p') runs.judge(image, 'picked');
    else if (key === 'x') runs.judge(image, 'rejected');
  };
  return (
    <span className={`tile-frame tile-${image.pick}`}>
      <button
        type="button"
        className="tile"
        aria-label={`${name}${judged}`}
        title={`${name}${judged}\nEnter opens it, P picks it, X rejects it`}
        onKeyDown={onKeyDown}
        onClick={() =>
          runs.ask(image.run, (remote) => remote.request('item.openGallery', { run: image.run, image: image.id }))
        }
      >
        {thumbnail?.uri !== undefined && (
          <img src={thumbnail.uri} alt="" onError={() => runs.thumbnails.failedToLoad(image.id, thumbnail.uri ?? '')} />
        )}
        {thumbnail !== undefined && thumbnail.uri === undefined && <Icon name="fileMedia" />}
      </button>
      <span className="tile-judge">
        <button
          type="button"
          tabIndex={-1}
          aria-label={`Pick image ${place}`}
          aria-pressed={image.pick === 'picked'}
          title="Pick (P)"
          onClick={() => runs.judge(image, 'picked')}
        >
          <Icon name="check" />
        </button>
        <button
          type="button"
          tabIndex={-1}
          aria-label={`Reject image ${place}`}
          aria-pressed={image.pick === 'rejected'}
          title="Reject (X)"
          onClick={() => runs.judge(image, 'rejected')}
        >
          <Icon name="close" />
        </button>
      </span>
    </span>
  );
}
