import type { ReactElement, Ref } from 'react';

import { formatCount } from '../../src/base/format.ts';
import { rootTitle } from '../../src/base/rootTitle.ts';
import type { KeptSide } from '../../src/protocol/keptSide.ts';
import { type ApplySummary, PLAN_OPS, type StepStatus } from '../../src/protocol/values.ts';
import { TextField, type TextFieldElement } from '../shared/textField.tsx';
import { Chip } from '../shared/chip.tsx';
import { Button } from '../shared/controls.tsx';
import { Icon } from '../shared/icon.tsx';
import { opWord } from './planKinds.ts';
import {
  allSteps,
  type GridFilter,
  openConflicts,
  type PlanInfo,
  planLength,
  RESULT_STATUSES,
  shownSentence,
  STATUS_WORDS,
  toggledOp,
  toggledStatus,
} from './planModel.ts';

export interface FilterBarProps {
  readonly ref: Ref<TextFieldElement>;
  readonly info: PlanInfo;
  readonly filter: GridFilter;
  /** Steps the filter lets through; null until that is known. */
  readonly shown: number | null;
  /** Steps by status while they are applied; afterwards the summary has the choice of statuses. */
  readonly progress: ApplySummary | undefined;
  readonly onFilter: (filter: GridFilter) => void;
  /** Decides every conflict that is shown; absent while an apply runs. */
  readonly onKeepAll: ((side: KeptSide) => void) | undefined;
  /** Arrow down or Escape out of the text: on to the grid. */
  readonly onLeave: () => void;
}

const LIVE_STATUSES: readonly StepStatus[] = ['running', 'pending'];

export function FilterBar(props: FilterBarProps): ReactElement {
  const { ref, info, filter, shown, progress, onFilter, onLeave } = props;
  const totals = allSteps(info);
  const all = planLength(info);
  const conflicts = openConflicts(info);
  return (
    <div className="filter-bar" role="search" aria-label="Filter steps">
      <div
        className="filter-text"
        onKeyDown={(event) => {
          if (event.key === 'Escape' && filter.text !== '') onFilter({ ...filter, text: '' });
          else if (event.key === 'Escape' || event.key === 'ArrowDown') onLeave();
          else return;
          event.preventDefault();
        }}
      >
        <TextField
          ref={ref}
          value={filter.text}
          placeholder="Filter by path (/)"
          aria-label="Filter by path"
          onValue={(text) => onFilter({ ...filter, text })}
        >
          <Icon name="search" slot="start" />
        </TextField>
      </div>
      <div className="chips" role="group" aria-label="Kinds of step">
        {PLAN_OPS.filter((op) => totals[op].count > 0).map((op) => (
          <Chip
            key={op}
            pressed={filter.ops.includes(op)}
            onPress={() => onFilter({ ...filter, ops: toggledOp(filter.ops, op), undecided: false })}
          >
            {opWord(op, info.header.kind)} <span className="chip-count">{formatCount(totals[op].count)}</span>
          </Chip>
        ))}
        {(conflicts > 0 || filter.undecided) && (
          <Chip
            pressed={filter.undecided}
            className="chip-conflicts"
            title="Show only what waits for you to say which side stays"
            onPress={() => onFilter({ ...filter, ops: [], undecided: !filter.undecided })}
          >
            Conflicts <span className="chip-count">{formatCount(conflicts)}</span>
          </Chip>
        )}
      </div>
      {props.onKeepAll !== undefined && conflicts > 0 && (
        <div className="keep-all" role="group" aria-label="Decide all conflicts shown">
          <span className="dim">Of all shown, keep</span>
          <Button
            className="small-button"
            title="Keep this side of every conflict shown (Shift+1)"
            onClick={() => props.onKeepAll?.('from')}
          >
            {rootTitle(info.header.from.root)}
          </Button>
          <Button
            className="small-button"
            title="Keep this side of every conflict shown (Shift+2)"
            onClick={() => props.onKeepAll?.('to')}
          >
            {rootTitle(info.header.to.root)}
          </Button>
        </div>
      )}
      {progress !== undefined && (
        <div className="chips" role="group" aria-label="Statuses">
          {[...LIVE_STATUSES, ...RESULT_STATUSES.filter((status) => progress[status] > 0)].map((status) => (
            <Chip
              key={status}
              pressed={filter.statuses.includes(status)}
              onPress={() => onFilter({ ...filter, statuses: toggledStatus(filter.statuses, status) })}
            >
              {STATUS_WORDS[status]}
            </Chip>
          ))}
        </div>
      )}
      <span className="shown dim" role="status">
        {shown === null ? '' : shownSentence(shown, all)}
      </span>
    </div>
  );
}
