import type { ReactElement } from 'react';

import { formatBytes, formatCount } from '../../src/base/format.ts';
import { rootTitle } from '../../src/base/rootTitle.ts';
import { Button } from '../shared/controls.tsx';
import { formatExactBytes } from '../shared/formatting.ts';
import { Icon, type IconName } from '../shared/icon.tsx';
import {
  allSteps,
  applyLabel,
  type PlanInfo,
  type PlanPhase,
  planPurpose,
  type SpaceNeed,
  stepCount,
} from './planModel.ts';

export interface PlanHeaderProps {
  readonly fileName: string;
  readonly info: PlanInfo;
  readonly phase: PlanPhase;
  readonly space: SpaceNeed | undefined;
  /** Why Apply cannot be pressed. */
  readonly blocked: string | undefined;
  readonly acting: boolean;
  readonly onApply: () => void;
  readonly onSave: () => void;
}

export function PlanHeader(props: PlanHeaderProps): ReactElement {
  const { info, phase, space, blocked, acting } = props;
  const { header, ticked } = info;
  const isEmpty = stepCount(allSteps(info)) === 0;
  // While it is applied there is Cancel, and afterwards Retry, until other steps are ticked.
  const canApply = !isEmpty && (phase === 'review' || (phase === 'over' && info.dirty));
  return (
    <header className="plan-header">
      <div className="plan-title">
        <h1>
          {header.kind === 'mirror' ? 'Mirror' : 'Copy'} {rootTitle(header.from.root)} <span aria-label="to">→</span>{' '}
          {rootTitle(header.to.root)}
        </h1>
        <p className="dim">{planPurpose(info)}</p>
      </div>
      <div className="plan-actions">
        <Seal dirty={info.dirty} onSave={props.onSave} />
        {canApply && (
          <Button
            id="apply"
            appearance="primary"
            disabled={blocked !== undefined || acting}
            title={blocked ?? 'Apply the ticked steps (Ctrl+Enter)'}
            onClick={props.onApply}
          >
            {applyLabel(info)}
          </Button>
        )}
      </div>
      {!isEmpty && (
        <div className="plan-facts">
          <dl className="totals" aria-label="Ticked steps">
            <Total icon="copy" word="Copy" {...ticked.copy} note={replaceNote(info)} />
            <Total icon="move" word="Move" {...ticked.move} />
            <Total icon="trash" word="Delete" {...ticked.delete} />
          </dl>
          {space !== undefined && (phase !== 'over' || space.needBytes > 0) && (
            <SpaceGauge space={space} root={rootTitle(header.to.root)} />
          )}
        </div>
      )}
    </header>
  );
}

function replaceNote({ replaces }: PlanInfo): string | undefined {
  return replaces === 0 ? undefined : `${formatCount(replaces)} replace a file`;
}

function Seal({ dirty, onSave }: { dirty: boolean; onSave: () => void }): ReactElement {
  if (!dirty) {
    return (
      <span className="seal dim" title="The file is as it was made. Apply does exactly what is shown here.">
        <Icon name="lock" /> Sealed
      </span>
    );
  }
  return (
    <span
      className="seal"
      title="The ticks differ from the file. Apply seals what is ticked now; Save writes it to the file."
    >
      <Icon name="edit" /> Changed since it was sealed
      <Button className="small-button" title="Write the ticked steps to the file, sealed (Ctrl+S)" onClick={onSave}>
        Save
      </Button>
    </span>
  );
}

interface TotalProps {
  readonly icon: IconName;
  readonly word: string;
  readonly count: number;
  readonly bytes: number;
  readonly note?: string | undefined;
}

function Total({ icon, word, count, bytes, note }: TotalProps): ReactElement {
  return (
    <div className={count === 0 ? 'total total-none' : 'total'}>
      <dt>
        <Icon name={icon} /> {word}
      </dt>
      <dd>
        <span className="total-count">{formatCount(count)}</span>
        <span className="dim" title={formatExactBytes(bytes)}>
          {count === 0 ? '' : formatBytes(bytes)}
        </span>
        {note !== undefined && <span className="total-note dim">{note}</span>}
      </dd>
    </div>
  );
}

function SpaceGauge({ space, root }: { space: SpaceNeed; root: string }): ReactElement {
  const { needBytes, freeBytes, shortBytes } = space;
  const isShort = shortBytes > 0;
  return (
    <div className={isShort ? 'space space-short' : 'space'}>
      <div className="space-words">
        <span>
          {isShort && <Icon name="warning" />}
          {isShort
            ? `${formatBytes(shortBytes)} short`
            : needBytes === 0
              ? 'Needs no space'
              : `Needs ${formatBytes(needBytes)}`}
        </span>
        <span className="dim">
          {formatBytes(freeBytes)} free in {root}
        </span>
      </div>
      <progress
        className="gauge"
        max={Math.max(1, freeBytes)}
        value={Math.min(needBytes, Math.max(1, freeBytes))}
        aria-label={`Space in ${root}: ${formatBytes(needBytes)} of ${formatBytes(freeBytes)} free are needed`}
      />
    </div>
  );
}
