import type { ReactElement } from 'react';

import { formatCount, formatQuantity } from '../../src/base/format.ts';
import type { WorkItem } from '../../src/protocol/studioValues.ts';
import { Button } from '../shared/controls.tsx';
import { Icon } from '../shared/studioIcon.tsx';
import type { DraftKeeper, DraftState } from './draftKeeper.ts';
import type { ItemStore } from './itemStore.ts';

export interface ItemHeaderProps {
  readonly item: WorkItem;
  readonly draft: DraftState;
  readonly keeper: DraftKeeper;
  readonly store: ItemStore;
}

export function ItemHeader({ item, draft, keeper, store }: ItemHeaderProps): ReactElement {
  return (
    <header className="item-header">
      <div className="item-header-line">
        <div className="item-title">
          <h1>{item.name}</h1>
          <p className="dim">
            {item.project.name}
            {item.archived && ' · archived'}
          </p>
        </div>
        <div className="item-actions">
          <SavingState draft={draft} keeper={keeper} />
          <Button
            title={item.images === 0 ? 'There are no images yet' : 'Show all images of this work item'}
            disabled={item.images === 0}
            onClick={() => store.ask((remote) => remote.request('item.openGallery', {}))}
          >
            {item.images === 0 ? 'Gallery' : `Gallery (${formatCount(item.images)})`}
          </Button>
        </div>
        {item.picked > 0 && <p className="visually-hidden">{formatQuantity(item.picked, 'image')} picked</p>}
      </div>
    </header>
  );
}

/** Nobody has to save: this only says that it happens. */
function SavingState({ draft, keeper }: { draft: DraftState; keeper: DraftKeeper }): ReactElement {
  if (draft.saving === 'failed') {
    return (
      <span className="saving saving-failed" role="alert">
        <Icon name="warning" />
        <span title={draft.error?.message}>Not saved: {draft.error?.message}</span>
        <button type="button" className="link" onClick={() => void keeper.save()}>
          Save again
        </button>
      </span>
    );
  }
  return (
    <span className="saving dim" role="status" title="The draft is saved as you write">
      {draft.saving === 'saved' ? (
        <>
          <Icon name="check" /> Saved
        </>
      ) : (
        'Saving…'
      )}
    </span>
  );
}
