import type { ReactElement } from 'react';

import { formatBytes, formatCount, formatDuration } from '../../src/base/format.ts';
import { rateOf, timeLeftMs } from '../../src/base/rate.ts';
import type { ApplySummary, Job, StepStatus } from '../../src/protocol/values.ts';
import { Chip } from '../shared/chip.tsx';
import { Button } from '../shared/controls.tsx';
import { formatRate } from '../shared/formatting.ts';
import { Icon } from '../shared/transferIcon.tsx';
import {
  canUndo,
  type PlanInfo,
  type ReasonGroup,
  RESULT_STATUSES,
  STATUS_WORDS,
  stepCount,
  summarySentence,
  trulySkipped,
  unfinished,
} from './planModel.ts';
import type { PlanState, PlanStore } from './planStore.ts';

/** A plan of 100,000 steps. */
const UNDO_TIMEOUT_MS = 600_000;

interface ApplyProgressProps {
  readonly state: PlanState;
  readonly info: PlanInfo;
  readonly store: PlanStore;
}

/** How far the apply is: bar, bytes, files, rate, time left. */
export function ApplyProgress({ state, info, store }: ApplyProgressProps): ReactElement {
  const { job, samples } = state;
  const progress = state.progress ?? job?.progress ?? undefined;
  const totalItems = progress?.totalItems ?? stepCount(info.ticked);
  const totalBytes = progress?.totalBytes ?? info.ticked.copy.bytes;
  const doneItems = progress?.doneItems ?? 0;
  const doneBytes = progress?.doneBytes ?? 0;
  const isQueued = job?.status !== 'running';
  // Moves and deletes have no bytes to speak of: where nothing is copied, the steps are the measure.
  const share = totalBytes > 0 ? { done: doneBytes, of: totalBytes } : { done: doneItems, of: totalItems };
  const rate = rateOf(samples);
  const left = timeLeftMs(share.done, share.of, rate);
  return (
    <section className="apply" aria-label="Progress">
      <progress className="apply-bar" max={Math.max(1, share.of)} value={share.done} aria-label="Applied so far" />
      <div className="apply-line">
        <p className="apply-words">
          {isQueued ? (
            waitWords(job)
          ) : (
            <>
              <span className="figure">{formatBytes(doneBytes)}</span> of {formatBytes(totalBytes)}
              <span className="separator" />
              <span className="figure">{formatCount(doneItems)}</span> of {formatCount(totalItems)} steps
              {rate !== undefined && totalBytes > 0 && (
                <>
                  <span className="separator" />
                  <span className="figure">{formatRate(rate)}</span>
                </>
              )}
              {left !== undefined && (
                <>
                  <span className="separator" />
                  {formatDuration(left)} left
                </>
              )}
            </>
          )}
        </p>
        {job !== undefined && (
          <Button
            appearance="secondary"
            onClick={() => store.ask((remote) => remote.request('panel.showJob', { job: job.id }))}
          >
            Details
          </Button>
        )}
        {job?.status === 'paused' ? (
          <Button id="resume" disabled={state.acting} onClick={() => store.resume()}>
            Resume
          </Button>
        ) : (
          <Button id="pause" disabled={state.acting || job?.pausing === true} onClick={() => store.pause()}>
            Pause
          </Button>
        )}
        <Button id="cancel" disabled={state.acting} onClick={() => store.cancel()}>
          Cancel
        </Button>
      </div>
      <p className="apply-text dim">{isQueued ? '' : (progress?.text ?? '')}</p>
    </section>
  );
}

function waitWords(job: Job | undefined): string {
  if (job?.status === 'paused') return 'Paused. What is done stays done.';
  return job?.waitingFor ?? 'Waiting for its turn.';
}

interface ApplySummaryProps {
  readonly info: PlanInfo;
  readonly summary: ApplySummary;
  readonly job: Job | undefined;
  readonly reasons: readonly ReasonGroup[];
  readonly statuses: readonly StepStatus[];
  readonly trusted: boolean;
  readonly onStatuses: (statuses: readonly StepStatus[]) => void;
  readonly store: PlanStore;
}

/** What became of the steps, with a filter for each, and why some were not done. */
export function ApplySummaryView(props: ApplySummaryProps): ReactElement {
  const { info, summary, job, reasons, statuses, trusted, onStatuses, store } = props;
  const open = unfinished(summary);
  const counts = { ...summary, skipped: trulySkipped(summary) };
  const kind = summary.failed > 0 || job?.status === 'failed' ? 'error' : open > 0 ? 'warning' : 'pass';
  return (
    <section className={`summary summary-${kind}`} aria-label="Result">
      <div className="summary-line">
        <Icon name={kind} />
        <p role="status">
          <strong>{summarySentence(summary, job)}</strong>{' '}
          <span className="dim">
            {summary.bytes > 0 && `${formatBytes(summary.bytes)} copied and verified in ${formatDuration(summary.ms)}.`}
          </span>
        </p>
        {open > 0 && !info.dirty && (
          <Button
            id="retry"
            appearance="primary"
            disabled={!trusted}
            title="Tries again what was not done; what is done stays done"
            onClick={() => store.retry()}
          >
            Retry
          </Button>
        )}
        {canUndo(info) && (
          <Button
            id="undo"
            disabled={!trusted}
            title="Makes the plan that takes back what was done here. Nothing is done before you apply that"
            onClick={() => store.ask((remote) => remote.request('panel.undo', {}, { timeoutMs: UNDO_TIMEOUT_MS }))}
          >
            Undo this apply…
          </Button>
        )}
      </div>
      <div className="chips" role="group" aria-label="Show only">
        {RESULT_STATUSES.filter((status) => counts[status] > 0).map((status) => (
          <Chip
            key={status}
            className={`chip-${status}`}
            pressed={statuses.length === 1 && statuses[0] === status}
            title={`Show only the steps that are: ${STATUS_WORDS[status].toLowerCase()}`}
            onPress={() => onStatuses(statuses.length === 1 && statuses[0] === status ? [] : [status])}
          >
            {STATUS_WORDS[status]} <span className="chip-count">{formatCount(counts[status])}</span>
          </Chip>
        ))}
      </div>
      {reasons.length > 0 && (
        <ul className="reasons">
          {reasons.slice(0, 4).map(({ code, status, count, reason }) => (
            <li key={`${status} ${code}`}>
              <span className={`status-${status}`}>
                {formatCount(count)} {STATUS_WORDS[status].toLowerCase()}
              </span>
              {count > 1 ? ', such as: ' : ': '}
              {reason} <code>{code}</code>
              {code === 'LAST_COPY' && (
                <Button className="small-button" disabled={!trusted} onClick={() => store.nameLastCopies()}>
                  Choose what may go…
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
