import type { ReactElement } from 'react';

import { formatBytes } from '../../src/base/format.ts';
import { parentFolder } from '../../src/base/relpath.ts';
import { rootTitle } from '../../src/base/rootTitle.ts';
import type { PlanRow } from '../../src/protocol/contracts/plans.ts';
import type { ExpectedFile, PlanHeader } from '../../src/protocol/planFile.ts';
import { Button } from '../shared/controls.tsx';
import { formatExactBytes, formatExactTime } from '../shared/formatting.ts';
import { Icon } from '../shared/icon.tsx';
import { movedPath, STEP_KIND_WORDS, stepKind } from './planKinds.ts';
import { STATUS_WORDS } from './planModel.ts';
import type { PlanStore } from './planStore.ts';

export interface StepDetailsProps {
  readonly row: PlanRow | undefined;
  readonly header: PlanHeader;
  readonly store: PlanStore;
  readonly onClose: () => void;
}

/** One step in full: what is expected at both ends, and what became of it. */
export function StepDetails({ row, header, store, onClose }: StepDetailsProps): ReactElement {
  return (
    <aside
      className="details"
      aria-label="Details of the step"
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      {row === undefined ? (
        <p className="dim">Choose a step to see what it does.</p>
      ) : (
        <DetailsOf row={row} header={header} store={store} />
      )}
      <Button
        className="details-close"
        appearance="icon"
        aria-label="Close details"
        title="Close (Escape)"
        onClick={onClose}
      >
        <Icon name="close" />
      </Button>
    </aside>
  );
}

function DetailsOf({ row, header, store }: { row: PlanRow; header: PlanHeader; store: PlanStore }): ReactElement {
  const kind = stepKind(row);
  const [from, to] = [header.from.root, header.to.root];
  const oldPath = row.movedFrom ?? row.path;
  return (
    <>
      <h2>
        {STEP_KIND_WORDS[kind]} <span className="details-path">{movedPath(row).now}</span>
      </h2>
      {row.movedFrom !== undefined && kind !== 'conflict' && <p className="dim">{oldPlaceWords(row, header)}</p>}
      {kind === 'conflict' && (
        <p className="dim">
          {row.op === 'move'
            ? 'Each root has it under a name of its own. Nothing is done until you say which name stays.'
            : 'The two differ. Nothing is done until you say which stays.'}
        </p>
      )}
      {row.status !== undefined && row.reason !== undefined && (
        <p className={`details-reason status-${row.status}`}>
          {STATUS_WORDS[row.status]}: {row.reason} {row.code !== undefined && <code>{row.code}</code>}
        </p>
      )}
      <table className="ends">
        <thead>
          <tr>
            <td />
            <th scope="col">Size</th>
            <th scope="col">Modified</th>
            <th scope="col">BLAKE3</th>
            <td />
          </tr>
        </thead>
        <tbody>
          <End root={from} path={kind === 'remove' ? oldPath : row.path} file={row.expect.from} store={store} />
          <End root={to} path={kind === 'remove' ? row.path : oldPath} file={row.expect.to} store={store} />
        </tbody>
      </table>
    </>
  );
}

/** Where a file lies now that is moved, restored, or held by the other root under another name. */
function oldPlaceWords(row: PlanRow, { from }: PlanHeader): string {
  const { op, movedFrom, trashed } = row;
  if (op === 'delete') return `${rootTitle(from.root)} holds it as ${movedFrom}`;
  return trashed === undefined ? `Now at ${movedPath(row).old}` : `Now in the trash, in ${trashed}`;
}

interface EndProps {
  readonly root: string;
  readonly path: string;
  readonly file: ExpectedFile | null;
  readonly store: PlanStore;
}

function End({ root, path, file, store }: EndProps): ReactElement {
  const reveal = (): void => store.ask((remote) => remote.request('panel.revealFile', { root, path }));
  const openFolder = (): void =>
    store.ask((remote) => remote.request('panel.openFolder', { root, path: parentFolder(path) }));
  const copy = (text: string): void => store.ask((remote) => remote.request('panel.copyText', { text }));
  return (
    <tr>
      <th scope="row">{rootTitle(root)}</th>
      {file === null ? (
        <td colSpan={3} className="dim">
          Not there
        </td>
      ) : (
        <>
          <td className="figure" title={formatExactBytes(file.size)}>
            {formatBytes(file.size)}
          </td>
          <td className="figure">{formatExactTime(file.mtimeMs)}</td>
          <td className="hash" title={file.blake3}>
            {file.blake3 ?? <span className="dim">Not known yet</span>}
          </td>
        </>
      )}
      <td className="end-actions">
        {file?.blake3 !== undefined && (
          <Button
            appearance="icon"
            aria-label={`Copy the hash in ${rootTitle(root)}`}
            title="Copy the hash"
            onClick={() => copy(file.blake3 ?? '')}
          >
            <Icon name="copy" />
          </Button>
        )}
        <Button
          appearance="icon"
          aria-label={file === null ? `Open the folder in ${rootTitle(root)}` : `Reveal the file in ${rootTitle(root)}`}
          title={file === null ? 'Open the folder' : 'Reveal the file'}
          onClick={file === null ? openFolder : reveal}
        >
          <Icon name="folder" />
        </Button>
      </td>
    </tr>
  );
}
