import type { ReactElement } from 'react';

import { Icon } from '../shared/icon.tsx';
import { Tick } from '../shared/tick.tsx';
import type { SortColumn } from './gridState.ts';
import type { TwoSides } from './planKinds.ts';
import { headerTick } from './planModel.ts';

export interface GridHeadProps {
  readonly total: number;
  readonly tickedTotal: number | undefined;
  readonly sort: SortColumn;
  readonly descending: boolean;
  readonly target: string;
  readonly sides: TwoSides | undefined;
  readonly locked: boolean;
  readonly onSort: (column: SortColumn) => void;
  readonly onTickAll: (ticked: boolean) => void;
}

/** The cells of the head. */
export function StepGridHead(props: GridHeadProps): ReactElement {
  const { total, tickedTotal, target, sides, locked, onTickAll } = props;
  const tick = headerTick(total, tickedTotal);
  return (
    <>
      <div role="columnheader" className="cell cell-tick">
        <Tick
          state={tick}
          label="All steps shown"
          title={tick === 'on' ? 'Untick all steps shown' : 'Tick all steps shown'}
          disabled={locked || total === 0}
          tabIndex={0}
          onToggle={() => onTickAll(tick !== 'on')}
        />
      </div>
      <SortHead {...props} column="op" label="Step" />
      <SortHead {...props} column="path" label="Path" />
      {sides === undefined ? (
        <>
          <SortHead {...props} column="size" label="Size" className="cell-size" />
          <div role="columnheader" className="cell cell-expect">
            In {target} now
          </div>
        </>
      ) : (
        <>
          <div role="columnheader" className="cell cell-side">
            In {sides.from}
          </div>
          <div role="columnheader" className="cell cell-side">
            In {sides.to}
          </div>
        </>
      )}
      <SortHead {...props} column="status" label="Status" className="cell-status" />
    </>
  );
}

interface SortHeadProps extends GridHeadProps {
  readonly column: SortColumn;
  readonly label: string;
  readonly className?: string;
}

function SortHead({ column, label, className = '', sort, descending, onSort }: SortHeadProps): ReactElement {
  const isSorted = sort === column;
  return (
    <div
      role="columnheader"
      className={`cell ${className}`}
      aria-sort={isSorted ? (descending ? 'descending' : 'ascending') : 'none'}
    >
      <button
        type="button"
        className="sort-button"
        title={`Sort by ${label.toLowerCase()}`}
        onClick={() => onSort(column)}
      >
        {label}
        {isSorted && <Icon name={descending ? 'arrowDown' : 'arrowUp'} />}
      </button>
    </div>
  );
}
