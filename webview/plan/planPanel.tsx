import { type ReactElement, useEffect, useRef, useState, useSyncExternalStore } from 'react';

import { rootTitle } from '../../src/base/rootTitle.ts';
import type { TextFieldElement } from '../shared/textField.tsx';
import { Icon } from '../shared/icon.tsx';
import { Notice } from '../shared/notice.tsx';
import { Opening } from '../shared/opening.tsx';
import { ApplyProgress, ApplySummaryView } from './applyViews.tsx';
import { FilterBar } from './filterBar.tsx';
import { type GridState, keepGridState, loadGridState } from './gridState.ts';
import { PlanHeader } from './planHeader.tsx';
import { LeftOut } from './leftOut.tsx';
import { nothingToDo, twoSides } from './planKinds.ts';
import { applyBlock, concernsOf, planLength, planPhase, spaceNeeds } from './planModel.ts';
import type { PlanRemote, PlanStore } from './planStore.ts';
import { RefusedPlan } from './refusedPlan.tsx';
import { StepDetails } from './stepDetails.tsx';
import { StepGrid } from './stepGrid.tsx';
import { useStepRows } from './useStepRows.ts';

export function PlanPanel({ store, remote }: { store: PlanStore; remote: PlanRemote }): ReactElement {
  const state = useSyncExternalStore(store.subscribe, store.getSnapshot);
  const { document, info, job } = state;
  const [grid, setGrid] = useState(loadGridState);
  const [confirming, setConfirming] = useState(false);
  const textFilter = useRef<TextFieldElement>(null);
  const steps = useStepRows(remote, store, info?.plan, grid, state.revision);
  const change = (part: Partial<GridState>): void => setGrid((before) => ({ ...before, ...part }));

  // Not part of the state that draws: it changes with every frame of a scroll.
  const scrollTop = useRef(grid.scrollTop);
  const keep = useRef<() => void>(undefined);
  keep.current = () => keepGridState({ ...grid, scrollTop: scrollTop.current });
  useEffect(() => keep.current?.(), [grid]);

  const phase = info === undefined ? 'review' : planPhase(info, job);
  const needs = info === undefined ? [] : spaceNeeds(info, state.spaces, phase);
  const concerns = info === undefined || phase !== 'review' ? [] : concernsOf(info, needs);
  const blocked =
    info === undefined
      ? 'The plan is not open.'
      : applyBlock({ info, phase, trusted: document?.trusted ?? false, roots: state.roots });

  const apply = (): void => {
    if (blocked !== undefined || state.acting) return;
    if (!confirming && concerns.length > 0) setConfirming(true);
    else {
      setConfirming(false);
      if (phase === 'over' && info?.dirty === false) store.retry();
      else store.apply();
    }
  };

  // Keys that work wherever the focus is; the grid has its own.
  const onKey = useRef<(event: KeyboardEvent) => void>(undefined);
  onKey.current = (event) => {
    const isTyping = event.target instanceof HTMLElement && event.target.localName === 'vscode-text-field';
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      apply();
    } else if (event.key === '/' && !isTyping) {
      event.preventDefault();
      textFilter.current?.focus();
    } else if (event.key === 'Escape' && confirming) setConfirming(false);
  };
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => onKey.current?.(event);
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, []);

  if (document?.plan === null) return <RefusedPlan document={document} store={store} />;
  if (info === undefined || document === undefined) {
    return <Opening text="Opening the plan…" error={state.actionError} onRetry={() => store.reopen()} />;
  }

  const planSteps = planLength(info);
  const sides = twoSides(info);
  const locked = phase === 'queued' || phase === 'running';
  return (
    <main className="plan">
      <PlanHeader
        fileName={document.fileName}
        info={info}
        phase={phase}
        needs={needs}
        free={state.spaces.to}
        blocked={blocked}
        acting={state.acting}
        onApply={apply}
        onSave={() => store.save()}
      />
      {!document.trusted && planSteps > 0 && <Notice kind="warning" text={blocked ?? ''} />}
      {document.trusted && phase === 'review' && planSteps > 0 && blocked !== undefined && (
        <Notice kind="warning" text={blocked} />
      )}
      {confirming && concerns.length > 0 && (
        <Notice
          kind="warning"
          text={concerns.join(' ')}
          action={{ label: 'Apply anyway', onClick: apply }}
          onDismiss={() => setConfirming(false)}
        />
      )}
      {document.leftOut !== undefined && document.leftOut.length > 0 && (
        <LeftOut problems={document.leftOut} isUndo={info.header.kind === 'undo'} />
      )}
      {state.actionError !== undefined && (
        <Notice kind="error" error={state.actionError} onDismiss={() => store.dismissError()} />
      )}
      {locked && <ApplyProgress state={state} info={info} store={store} />}
      {phase === 'over' && info.progress !== undefined && (
        <ApplySummaryView
          info={info}
          summary={info.progress}
          job={job}
          reasons={state.reasons}
          statuses={grid.filter.statuses}
          trusted={document.trusted}
          onStatuses={(statuses) => change({ filter: { ...grid.filter, statuses: [...statuses] } })}
          store={store}
        />
      )}
      {planSteps === 0 ? (
        <div className="plan-empty">
          <Icon name="pass" />
          <p>{nothingToDo(info.header)}</p>
        </div>
      ) : (
        <>
          <FilterBar
            ref={textFilter}
            info={info}
            filter={grid.filter}
            shown={steps.snapshot.total}
            progress={locked ? info.progress : undefined}
            onFilter={(filter) =>
              change({ filter: { ...filter, ops: [...filter.ops], statuses: [...filter.statuses] } })
            }
            onKeepAll={locked ? undefined : (side) => steps.keepAll(side)}
            onLeave={() => steps.focusGrid()}
          />
          <StepGrid
            ref={steps.grid}
            steps={steps}
            state={grid}
            onState={change}
            onScroll={(top) => {
              scrollTop.current = top;
              keep.current?.();
            }}
            target={rootTitle(info.header.to.root)}
            sides={sides}
            phase={phase}
            locked={locked}
            planSteps={planSteps}
          />
          {grid.detailsOpen && (
            <StepDetails
              row={steps.snapshot.rowAt(grid.active)}
              header={info.header}
              store={store}
              onClose={() => {
                change({ detailsOpen: false });
                steps.focusGrid();
              }}
            />
          )}
        </>
      )}
    </main>
  );
}
