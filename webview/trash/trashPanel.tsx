import { type ReactElement, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';

import { formatBytes, formatCount } from '../../src/base/format.ts';
import { rootTitle } from '../../src/base/rootTitle.ts';
import type { TrashEntry } from '../../src/protocol/contracts/trash.ts';
import { Chip } from '../shared/chip.tsx';
import { Button } from '../shared/controls.tsx';
import { Notice } from '../shared/notice.tsx';
import { Opening } from '../shared/opening.tsx';
import type { FetchPage } from '../shared/pagedRows.ts';
import { TextField, type TextFieldElement } from '../shared/textField.tsx';
import { Icon } from '../shared/transferIcon.tsx';
import { usePagedRows } from '../shared/usePagedRows.ts';
import { useSettled } from '../shared/useSettled.ts';
import type { RowGridHandle } from '../shared/rowGrid.tsx';
import { TrashGrid } from './trashGrid.tsx';
import { actionLabel, chosenSentence } from './trashModel.ts';
import type { TrashRemote, TrashState, TrashStore } from './trashStore.ts';

/** Typing settles before the list is asked for anew. */
const TYPING_MS = 120;

/** What deleted and replaced files left behind, and the way back for them. */
export function TrashPanel({ store, remote }: { store: TrashStore; remote: TrashRemote }): ReactElement {
  const state = useSyncExternalStore(store.state.subscribe, store.state.getSnapshot);
  const { root, roots, ticked, revision } = state;
  const text = useSettled(state.text, TYPING_MS);
  const known = roots !== undefined;
  const fetchPage = useMemo<FetchPage<TrashEntry> | undefined>(() => {
    if (!known) return undefined;
    const trimmed = text.trim();
    const query = { ...(root === null ? {} : { root }), ...(trimmed === '' ? {} : { text: trimmed.slice(0, 1_000) }) };
    return (offset, limit, signal) => remote.request('trash.list', { ...query, offset, limit }, { signal });
  }, [remote, root, text, known]);
  const { rows, snapshot } = usePagedRows(fetchPage, revision);
  const filter = useRef<TextFieldElement>(null);
  const grid = useRef<RowGridHandle>(null);

  const act = useRef<(event: KeyboardEvent) => void>(undefined);
  act.current = (event) => {
    const isTyping = event.target instanceof HTMLElement && event.target.localName === 'vscode-text-field';
    if (isTyping) return;
    if (event.key === '/') filter.current?.focus();
    else if (event.key === 'r' && !event.ctrlKey && !event.metaKey && canAct(state)) store.restore(ticked);
    else if (event.key === 'Delete' && canAct(state)) store.removeForGood(ticked);
    else return;
    event.preventDefault();
  };
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => act.current?.(event);
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, []);

  if (roots === undefined) {
    return <Opening text="Looking into the trash…" error={state.error} onRetry={() => store.refresh()} />;
  }
  const shown = roots.filter((each) => root === null || each.root.name === root);
  const total = shown.reduce((sum, each) => sum + each.total, 0);
  const bytes = shown.reduce((sum, each) => sum + each.bytes, 0);
  return (
    <main className="trash">
      <header className="trash-header">
        <div>
          <h1>Trash</h1>
          <p className="dim">What plans deleted or replaced. It lies on the disk it was on, and takes room there.</p>
        </div>
        <Actions state={state} store={store} />
      </header>
      {!state.trusted && (
        <Notice
          kind="warning"
          text="This workspace is not trusted, so nothing is restored or removed. Trust it first."
        />
      )}
      {state.error !== undefined && (
        <Notice kind="error" error={state.error} action={{ label: 'Try again', onClick: () => store.refresh() }} />
      )}
      {state.actionError !== undefined && (
        <Notice kind="error" error={state.actionError} onDismiss={() => store.dismissError()} />
      )}
      {state.queued !== undefined && <Queued state={state} store={store} />}
      <div className="trash-bar" role="search" aria-label="Filter the trash">
        <div
          className="trash-filter"
          onKeyDown={(event) => {
            if (event.key !== 'Escape' && event.key !== 'ArrowDown') return;
            if (event.key === 'Escape' && state.text !== '') store.filter('');
            else grid.current?.focus();
            event.preventDefault();
          }}
        >
          <TextField
            ref={filter}
            value={state.text}
            placeholder="Filter by path (/)"
            aria-label="Filter by path"
            onValue={(value) => store.filter(value)}
          >
            <Icon name="search" slot="start" />
          </TextField>
        </div>
        <div className="chips" role="group" aria-label="Roots">
          {roots.map((each) => (
            <Chip
              key={each.root.id}
              pressed={root === each.root.name}
              disabled={!each.root.mounted}
              title={each.root.mounted ? each.root.path : `${rootTitle(each.root.name)} is not mounted`}
              onPress={() => store.show(root === each.root.name ? null : each.root.name)}
            >
              {rootTitle(each.root.name)}{' '}
              <span className="chip-count">
                {each.root.mounted ? `${formatCount(each.total)} · ${formatBytes(each.bytes)}` : 'not mounted'}
              </span>
            </Chip>
          ))}
        </div>
        <span className="trash-chosen dim figure" role="status">
          {chosenSentence(ticked, snapshot.total ?? total, bytes)}
        </span>
      </div>
      {total === 0 ? (
        <div className="trash-empty">
          <Icon name="trash" />
          <p>The trash is empty.</p>
        </div>
      ) : (
        <TrashGrid
          ref={grid}
          rows={rows}
          snapshot={snapshot}
          ticked={ticked}
          showsRoot={root === null && roots.filter((each) => each.total > 0).length > 1}
          store={store}
        />
      )}
    </main>
  );
}

function canAct({ ticked, trusted, acting }: TrashState): boolean {
  return ticked.size > 0 && trusted && !acting;
}

function Actions({ state, store }: { state: TrashState; store: TrashStore }): ReactElement {
  const { ticked } = state;
  const able = canAct(state);
  return (
    <div className="trash-actions">
      <Button
        id="restore"
        appearance="primary"
        disabled={!able}
        title="Puts the ticked files back where they lay (r). What has their place by now stays"
        onClick={() => store.restore(ticked)}
      >
        {actionLabel('Restore', ticked)}
      </Button>
      <Button
        id="remove"
        disabled={!able}
        title="Removes the ticked files from the disk (Delete). You are asked first"
        onClick={() => store.removeForGood(ticked)}
      >
        {ticked.size === 0 ? 'Remove for good…' : `${actionLabel('Remove', ticked)} for good…`}
      </Button>
    </div>
  );
}

function Queued({ state, store }: { state: TrashState; store: TrashStore }): ReactElement {
  const job = state.queued?.job ?? '';
  return (
    <div className="notice trash-queued" role="status">
      <Icon name="info" />
      <p>{state.queued?.words}</p>
      <Button onClick={() => store.ask((remote) => remote.request('panel.showJob', { job }))}>Show job</Button>
      <Button appearance="icon" aria-label="Dismiss" onClick={() => store.dismissQueued()}>
        <Icon name="close" />
      </Button>
    </div>
  );
}
