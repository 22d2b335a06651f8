import { memo, type ReactElement } from 'react';

import { formatBytes } from '../../src/base/format.ts';
import { baseName, parentFolder } from '../../src/base/relpath.ts';
import type { PlanRow } from '../../src/protocol/contracts/plans.ts';
import type { KeptSide } from '../../src/protocol/keptSide.ts';
import type { StepStatus } from '../../src/protocol/values.ts';
import { FilePath } from '../shared/filePath.tsx';
import { formatExactBytes } from '../shared/formatting.ts';
import { GridRow, type GridRowPlace } from '../shared/rowGrid.tsx';
import { Tick } from '../shared/tick.tsx';
import { Icon, type IconName } from '../shared/transferIcon.tsx';
import { movedPath, STEP_KIND_WORDS, type StepKind, stepKind, type TwoSides } from './planKinds.ts';
import { type PlanPhase, STATUS_WORDS } from './planModel.ts';
import { SideCells } from './sideCells.tsx';
import { expectation } from './stepWords.ts';

export interface StepRowProps extends GridRowPlace {
  /** undefined until its page arrives. */
  readonly row: PlanRow | undefined;
  readonly phase: PlanPhase;
  readonly locked: boolean;
  /** For plans that go both ways. */
  readonly sides: TwoSides | undefined;
  readonly onKeep: (index: number, side: KeptSide) => void;
}

const KIND_ICONS: Readonly<Record<StepKind, IconName>> = {
  copy: 'copy',
  replace: 'replace',
  move: 'move',
  delete: 'trash',
  restore: 'restore',
  remove: 'trash',
  conflict: 'conflict',
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
  const { index, row, isActive, isSelected, onRow } = props;
  const isUnticked = row !== undefined && !row.ticked && row.direction !== 'undecided';
  return (
    <GridRow {...{ index, isActive, isSelected, onRow }} className={isUnticked ? 'row-unticked' : ''}>
      {row && <RowCells {...props} row={row} />}
    </GridRow>
  );
});

function RowCells(props: StepRowProps & { readonly row: PlanRow }): ReactElement {
  const { row, index, phase, locked, sides, onTick, onKeep } = props;
  const kind = stepKind(row);
  const isOpen = kind === 'conflict';
  const { old, now } = movedPath(row);
  return (
    <>
      <div role="gridcell" className="cell cell-tick">
        <Tick
          state={row.ticked && !isOpen ? 'on' : 'off'}
          label={`${spokenKind(row, kind, sides)} ${row.path}`}
          title={isOpen ? 'Say first which side stays' : undefined}
          disabled={locked || isOpen}
          tabIndex={-1}
          onToggle={(event) => onTick(index, event)}
        />
      </div>
      <div
        role="gridcell"
        className={`cell cell-kind kind-${kind}`}
        title={sides === undefined ? undefined : spokenKind(row, kind, sides)}
      >
        <Icon name={sides?.hasConflicts === true && !isOpen && row.op === 'copy' ? wayIcon(row) : KIND_ICONS[kind]} />
        <span className="kind-word">{STEP_KIND_WORDS[kind]}</span>
      </div>
      <div
        role="gridcell"
        className="cell cell-path"
        title={old === now ? now : isOpen ? `${now}\n${old}` : `${old} → ${now}`}
      >
        {!isOpen && <OldPlace old={old} now={now} />}
        <FilePath path={now} />
      </div>
      {sides === undefined ? (
        <>
          <div role="gridcell" className="cell cell-size" title={formatExactBytes(row.bytes)}>
            {formatBytes(row.bytes)}
          </div>
          <div role="gridcell" className="cell cell-expect">
            {expectation(row)}
          </div>
        </>
      ) : (
        <SideCells row={row} sides={sides} locked={locked} onKeep={(side) => onKeep(index, side)} />
      )}
      <div role="gridcell" className="cell cell-status" title={row.reason}>
        {row.status !== undefined && phase !== 'review' && row.ticked && (
          <Status status={row.status} reason={row.reason} />
        )}
      </div>
    </>
  );
}

function wayIcon({ direction }: PlanRow): IconName {
  return direction === 'reverse' ? 'arrowLeft' : 'move';
}

/** `Copy from Lake to Local`, for plans that go both ways; else the kind alone. */
function spokenKind({ direction }: PlanRow, kind: StepKind, sides: TwoSides | undefined): string {
  const word = STEP_KIND_WORDS[kind];
  if (sides === undefined) return word;
  if (kind === 'conflict') return 'Not decided yet:';
  if (kind === 'move') return `Move in ${sides[direction === 'reverse' ? 'from' : 'to']}:`;
  if (!sides.hasConflicts) return `${word} in ${sides[direction === 'reverse' ? 'from' : 'to']}:`;
  return direction === 'reverse'
    ? `${word} from ${sides.to} to ${sides.from}`
    : `${word} from ${sides.from} to ${sides.to}`;
}

/** Where a moved file was. One that keeps its name only needs its old folder told. */
function OldPlace({ old, now }: { old: string; now: string }): ReactElement {
  const folder = parentFolder(old);
  // What comes out of the trash, or is kept under the same name, was in the same place.
  if (old === now) return <></>;
  return (
    <>
      <span className="path-old">{baseName(old) !== baseName(now) ? old : folder === '' ? './' : `${folder}/`}</span>
      <span className="path-arrow dim">→</span>
    </>
  );
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
