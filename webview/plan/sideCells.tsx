import type { MouseEvent, ReactElement } from 'react';

import { formatBytes } from '../../src/base/format.ts';
import { baseName, parentFolder } from '../../src/base/relpath.ts';
import type { PlanRow } from '../../src/protocol/contracts/plans.ts';
import { type KeptSide, keptSide } from '../../src/protocol/keptSide.ts';
import type { ExpectedFile } from '../../src/protocol/planFile.ts';
import { formatDay, formatExactBytes, formatExactTime, formatTime } from '../shared/formatting.ts';
import { Icon } from '../shared/transferIcon.tsx';
import { changedSide, nameOn, newerSide, type TwoSides } from './planKinds.ts';
import { expectation } from './stepWords.ts';

export interface SideCellsProps {
  readonly row: PlanRow;
  readonly sides: TwoSides;
  readonly locked: boolean;
  /** Which side shall stay; once more on the same one leaves it undecided. */
  readonly onKeep: (side: KeptSide) => void;
}

/** What each of two roots holds, or how it names it. Where they differ, each is a button: the one that is pressed stays. */
export function SideCells({ row, sides, locked, onKeep }: SideCellsProps): ReactElement {
  if (!sides.hasConflicts) return <ChangedSide row={row} />;
  const kept = keptSide(row);
  const newer = newerSide(row);
  return (
    <>
      {(['from', 'to'] as const).map((side) => {
        const file = row.expect[side];
        const other = row.expect[side === 'from' ? 'to' : 'from'];
        return (
          <div key={side} role="gridcell" className="cell cell-side">
            {kept === undefined || file === null ? (
              file === null ? (
                <span className="side-words">Not there</span>
              ) : (
                <SideWords file={file} other={other} isNewer={false} />
              )
            ) : (
              <button
                type="button"
                className={`side side-${kept === side ? 'kept' : kept === 'none' ? 'open' : 'left'}`}
                aria-pressed={kept === side}
                aria-label={keepLabel(row, side, sides, newer === side)}
                title={keepTitle(row, side, sides)}
                disabled={locked}
                tabIndex={-1}
                onClick={(event: MouseEvent) => {
                  event.stopPropagation();
                  onKeep(kept === side ? 'none' : side);
                }}
              >
                {kept === side && <Icon name="check" />}
                {row.op === 'move' ? (
                  <span className="side-words">{nameWords(row, side)}</span>
                ) : (
                  <SideWords file={file} other={other} isNewer={newer === side} />
                )}
              </button>
            )}
          </div>
        );
      })}
    </>
  );
}

function keepLabel(row: PlanRow, side: 'from' | 'to', sides: TwoSides, isNewer: boolean): string {
  if (row.op === 'move') return `Keep the name in ${sides[side]}: ${nameOn(side, row)}`;
  const { size = 0, mtimeMs = 0 } = row.expect[side] ?? {};
  return `Keep what ${sides[side]} has: ${isNewer ? 'newer, ' : ''}${formatBytes(size)}, ${formatTime(mtimeMs)}`;
}

function keepTitle(row: PlanRow, side: 'from' | 'to', sides: TwoSides): string {
  const key = side === 'from' ? 1 : 2;
  if (row.op === 'move') return `Keep the name in ${sides[side]} (${key})\n${nameOn(side, row)}`;
  const { size = 0, mtimeMs = 0 } = row.expect[side] ?? {};
  return `Keep what ${sides[side]} has (${key})\n${formatExactBytes(size)}, ${formatExactTime(mtimeMs)}`;
}

/** Of one content under two names, what tells them apart: the folder where the names are the same. */
function nameWords(row: PlanRow, side: 'from' | 'to'): string {
  const name = nameOn(side, row);
  if (baseName(nameOn('from', row)) !== baseName(nameOn('to', row))) return baseName(name);
  const folder = parentFolder(name);
  return folder === '' ? './' : `${folder}/`;
}

/** Of a step that takes something back: what it expects where it writes. The other side has no part in it. */
function ChangedSide({ row }: { row: PlanRow }): ReactElement {
  return (
    <>
      {(['from', 'to'] as const).map((side) => (
        <div key={side} role="gridcell" className="cell cell-side">
          <span className="side-words">{changedSide(row) === side ? expectation(row) : ''}</span>
        </div>
      ))}
    </>
  );
}

/** `Newer: 5.6 GB, 3 Mar 2025`; the time of day only where the day does not tell them apart. */
function SideWords({
  file,
  other,
  isNewer,
}: {
  file: ExpectedFile;
  other: ExpectedFile | null;
  isNewer: boolean;
}): ReactElement {
  const sameDay = other !== null && formatDay(other.mtimeMs) === formatDay(file.mtimeMs);
  return (
    <span className={`side-words${isNewer ? ' side-newer' : ''}`}>
      {isNewer && <span className="side-newer-word">Newer: </span>}
      {formatBytes(file.size)}
      <span className="side-more">, {sameDay ? formatTime(file.mtimeMs) : formatDay(file.mtimeMs)}</span>
    </span>
  );
}
