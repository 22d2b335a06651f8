import { type ReactElement, type UIEvent, useEffect, useRef, useSyncExternalStore } from 'react';

import type { WorkItem } from '../../src/protocol/studioValues.ts';
import { Icon } from '../shared/studioIcon.tsx';
import { Opening } from '../shared/opening.tsx';
import { GenerateBar } from './generateBar.tsx';
import { InstructionList } from './instructionList.tsx';
import { ItemHeader } from './itemHeader.tsx';
import { generateBlock } from './itemModel.ts';
import type { ItemState, ItemStore, OpenItem } from './itemStore.ts';
import { MergedPreview } from './mergedPreview.tsx';
import { PromptFields } from './promptFields.tsx';
import { ProviderPicker } from './providerPicker.tsx';
import { RunList } from './runList.tsx';
import { ValueFields } from './valueFields.tsx';

export function ItemPanel({ store }: { store: ItemStore }): ReactElement {
  const state = useSyncExternalStore(store.state.subscribe, store.state.getSnapshot);
  const { item, open, openError } = state;
  if (item !== undefined && open !== undefined) {
    return <OpenItemPanel key={item.id} store={store} state={state} item={item} open={open} />;
  }
  return <Opening text="Opening the work item…" error={openError} onRetry={() => void store.reopen()} />;
}

interface OpenItemProps {
  readonly store: ItemStore;
  readonly state: ItemState;
  readonly item: WorkItem;
  readonly open: OpenItem;
}

function OpenItemPanel({ store, state, item, open }: OpenItemProps): ReactElement {
  const draftState = useSyncExternalStore(open.draft.state.subscribe, open.draft.state.getSnapshot);
  const options = useSyncExternalStore(open.options.state.subscribe, open.options.state.getSnapshot);
  const { draft } = draftState;
  const blocked = generateBlock({ ...options, fields: options.answer?.fields, draft, trusted: state.trusted });

  const generate = async (): Promise<void> => {
    if (blocked !== undefined || state.acting) return;
    await store.generate();
    if (store.state.getSnapshot().actionError === undefined) showRuns(scroller.current);
  };

  // Works wherever the focus is.
  const onKey = useRef<(event: KeyboardEvent) => void>(undefined);
  onKey.current = (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return;
    event.preventDefault();
    // A number that may not be is not what would be sent; its field says what is wrong with it.
    const isWrong = event.target instanceof HTMLInputElement && event.target.ariaInvalid === 'true';
    if (!isWrong) void generate();
  };
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => onKey.current?.(event);
    // What was typed last may not be saved when the page goes.
    const hide = (): void => void open.draft.save();
    window.addEventListener('keydown', listener);
    document.addEventListener('visibilitychange', hide);
    return () => {
      window.removeEventListener('keydown', listener);
      document.removeEventListener('visibilitychange', hide);
    };
  }, [open]);

  // Side by side the form scrolls, one above the other all of it does.
  const scroller = useRef<HTMLDivElement>(null);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    for (const each of [scroller.current, form.current]) each?.scrollTo({ top: open.memory.kept.scrollTop });
  }, [open]);
  const keepPlace = (event: UIEvent): void => open.memory.keep({ scrollTop: event.currentTarget.scrollTop });

  return (
    <main className="item">
      <ItemHeader item={item} draft={draftState} keeper={open.draft} store={store} />
      <div className="item-scroller" ref={scroller} onScrollEnd={keepPlace}>
        <div className="item-columns">
          <form
            className="item-form"
            ref={form}
            onScrollEnd={keepPlace}
            aria-label="What to make"
            onSubmit={(event) => {
              event.preventDefault();
            }}
          >
            {draftState.beforeFill !== undefined && (
              <div className="notice filled" role="status">
                <Icon name="info" />
                <p>Filled with the settings of an earlier run.</p>
                <button type="button" className="link" onClick={() => open.draft.undoFill()}>
                  Undo
                </button>
                <button type="button" className="link" onClick={() => open.draft.forgetFill()}>
                  Keep
                </button>
              </div>
            )}
            <PromptFields state={draftState} keeper={open.draft} options={options} />
            <MergedPreview options={options} open={open} store={store} />
            <InstructionList store={open.instructions} memory={open.memory} />
            <ProviderPicker store={store} open={open} options={options} draft={draft} trusted={state.trusted} />
            <ValueFields store={store} options={options} draft={draft} />
          </form>
          <RunList store={store} runs={open.runs} blocked={blocked} />
        </div>
      </div>
      <GenerateBar
        store={store}
        state={state}
        options={options}
        draft={draft}
        keeper={open.draft}
        blocked={blocked}
        onGenerate={() => void generate()}
      />
    </main>
  );
}

/** Pixels of the runs that must be in sight for a new one to be noticed. */
const NOTICED_PX = 160;

/** Below the form the runs lie out of sight, and what was just begun with them. */
function showRuns(scroller: HTMLElement | null): void {
  const runs = scroller?.querySelector('.runs');
  if (scroller === null || runs === null || runs === undefined) return;
  const place = scroller.getBoundingClientRect();
  const { top } = runs.getBoundingClientRect();
  if (top > place.bottom - NOTICED_PX) scroller.scrollBy({ top: top - place.top });
}
