import { memo, type MouseEvent, type ReactElement } from 'react';

import { formatBytes } from '../../src/base/format.ts';
import { baseName, parentFolder } from '../../src/base/relpath.ts';
import type { PlanRow } from '../../src/protocol/contracts/plans.ts';
import type { StepStatus } from '../../src/protocol/values.ts';
import { formatExactBytes, formatTime } from '../shared/formatting.ts';
import { Icon, type IconName } from '../shared/icon.tsx';
import { Tick } from '../shared/tick.tsx';
import { type PlanPhase, STATUS_WORDS, STEP_KIND_WORDS, type StepKind, stepKind } from './planModel.ts';

export interface StepRowProps {
  readonly index: number;
  /** Pixels from the top of the grid's body. */
  readonly top: number;
  /** undefined until its page arrives. */
  readonly row: PlanRow | undefined;
  readonly isActive: boolean;
  readonly isSelected: boolean;
  readonly phase: PlanPhase;
  readonly locked: boolean;
  readonly onRow: (index: number, event: MouseEvent) => void;
  readonly onTick: (index: number, event: MouseEvent) => void;
}

const KIND_ICONS: Readonly<Record<StepKind, IconName>> = {
  copy: 'copy',
  replace: 'replace',
  move: 'move',
  delete: 'trash',
};

const STATUS_ICONS: Readonly<Record<StepStatus, IconName>> = {
  pending: 'clock',
  running: 'loading',
  done: 'check',
  already: 'checkAll',
  skipped: 'skip',
  failed: 'error',
  canceled: 'close',
};

export const StepRow = memo(function StepRow(props: StepRowProps): ReactElement {
  const { index, top, row, isActive, isSelected, phase, locked, onRow, onTick } = props;
  const classes = ['row'];
  if (isActive) classes.push('row-active');
  if (isSelected) classes.push('row-selected');
  if (row !== undefined && !row.ticked) classes.push('row-unticked');
  return (
    <div
      className={classes.join(' ')}
      role="row"
      data-index={index}
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      tabIndex={isActive ? 0 : -1}
      // Positions are set through the DOM, which the content security policy allows.
      style={{ transform: `translateY(${top}px)` }}
      onClick={(event) => onRow(index, event)}
    >
      {row === undefined ? (
        <div role="gridcell" className="cell cell-loading" aria-label="Loading" />
      ) : (
        <RowCells row={row} index={index} phase={phase} locked={locked} onTick={onTick} />
      )}
    </div>
  );
});

interface RowCellsProps extends Pick<StepRowProps, 'index' | 'phase' | 'locked' | 'onTick'> {
  readonly row: PlanRow;
}

function RowCells({ row, index, phase, locked, onTick }: RowCellsProps): ReactElement {
  const kind = stepKind(row);
  return (
    <>
      <div role="gridcell" className="cell cell-tick">
        <Tick
          state={row.ticked ? 'on' : 'off'}
          label={`${STEP_KIND_WORDS[kind]} ${row.path}`}
          disabled={locked}
          tabIndex={-1}
          onToggle={(event) => onTick(index, event)}
        />
      </div>
      <div role="gridcell" className={`cell cell-kind kind-${kind}`}>
        <Icon name={KIND_ICONS[kind]} />
        <span className="kind-word">{STEP_KIND_WORDS[kind]}</span>
      </div>
      <div
        role="gridcell"
        className="cell cell-path"
        title={row.movedFrom === undefined ? row.path : `${row.movedFrom} → ${row.path}`}
      >
        {row.movedFrom !== undefined && (
          <>
            <OldPlace from={row.movedFrom} to={row.path} />
            <span className="path-arrow dim">→</span>
          </>
        )}
        <Path path={row.path} />
      </div>
      <div role="gridcell" className="cell cell-size" title={formatExactBytes(row.bytes)}>
        {formatBytes(row.bytes)}
      </div>
      <div role="gridcell" className="cell cell-expect">
        {expectation(row)}
      </div>
      <div role="gridcell" className="cell cell-status" title={row.reason}>
        {row.status !== undefined && phase !== 'review' && row.ticked && (
          <Status status={row.status} reason={row.reason} />
        )}
      </div>
    </>
  );
}

/** A file that keeps its name only needs its old folder told. */
function OldPlace({ from, to }: { from: string; to: string }): ReactElement {
  if (baseName(from) !== baseName(to)) return <span className="path-old">{from}</span>;
  const folder = parentFolder(from);
  return <span className="path-old">{folder === '' ? './' : `${folder}/`}</span>;
}

function Path({ path }: { path: string }): ReactElement {
  const folder = parentFolder(path);
  return (
    <span className="path">
      {folder !== '' && <span className="path-folder">{folder}/</span>}
      <span className="path-name">{baseName(path)}</span>
    </span>
  );
}

/** What the step expects to find where it writes. */
function expectation({ op, expect }: PlanRow): string {
  if (op === 'move') return 'Under its old name';
  if (expect.to === null) return 'Not there';
  const time = formatTime(expect.to.mtimeMs);
  // To put an older file in the place of a newer one is rarely what a person means.
  const isNewer = op === 'copy' && expect.from !== null && expect.to.mtimeMs > expect.from.mtimeMs;
  return isNewer ? `Newer: ${time}` : `${formatBytes(expect.to.size)}, ${time}`;
}

function Status({ status, reason }: { status: StepStatus; reason: string | undefined }): ReactElement {
  return (
    <span className={`status status-${status}`}>
      <Icon name={STATUS_ICONS[status]} />
      <span className="status-words">
        {STATUS_WORDS[status]}
        {reason !== undefined && <span className="dim">: {reason}</span>}
      </span>
    </span>
  );
}
