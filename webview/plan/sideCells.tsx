import type { MouseEvent, ReactElement } from 'react';

import { formatBytes } from '../../src/base/format.ts';
import type { PlanRow } from '../../src/protocol/contracts/plans.ts';
import type { ExpectedFile } from '../../src/protocol/planFile.ts';
import { formatDay, formatExactBytes, formatExactTime, formatTime } from '../shared/formatting.ts';
import { Icon } from '../shared/transferIcon.tsx';
import { type KeptSide, keptSide, newerSide, type TwoSides } from './planKinds.ts';

export interface SideCellsProps {
  readonly row: PlanRow;
  readonly sides: TwoSides;
  readonly locked: boolean;
  /** Which side shall stay; once more on the same one leaves it undecided. */
  readonly onKeep: (side: KeptSide) => void;
}

/** What each of two roots holds. Where they differ, each is a button: the one that is pressed stays. */
export function SideCells({ row, sides, locked, onKeep }: SideCellsProps): ReactElement {
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
                aria-label={`Keep what ${sides[side]} has: ${newer === side ? 'newer, ' : ''}${formatBytes(file.size)}, ${formatTime(file.mtimeMs)}`}
                title={`Keep what ${sides[side]} has (${side === 'from' ? 1 : 2})\n${formatExactBytes(file.size)}, ${formatExactTime(file.mtimeMs)}`}
                disabled={locked}
                tabIndex={-1}
                onClick={(event: MouseEvent) => {
                  event.stopPropagation();
                  onKeep(kept === side ? 'none' : side);
                }}
              >
                {kept === side && <Icon name="check" />}
                <SideWords file={file} other={other} isNewer={newer === side} />
              </button>
            )}
          </div>
        );
      })}
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
      {isNewer && <span className="side-more">Newer: </span>}
      {formatBytes(file.size)}
      <span className="side-more">, {sameDay ? formatTime(file.mtimeMs) : formatDay(file.mtimeMs)}</span>
    </span>
  );
}
