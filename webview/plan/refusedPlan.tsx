import type { ReactElement } from 'react';

import type { PanelDocument } from '../../src/protocol/panels/planPanel.ts';
import { Button } from '../shared/controls.tsx';
import { Icon } from '../shared/icon.tsx';
import type { PlanStore } from './planStore.ts';

/** The plan file could not be opened: what the engine said, and the way on. */
export function RefusedPlan({ document, store }: { document: PanelDocument; store: PlanStore }): ReactElement {
  return (
    <main className="centered">
      <Icon name="error" className="refused-icon" />
      <h1>This plan cannot be opened</h1>
      <p className="refused-reason" role="alert">
        {document.error?.message}
      </p>
      <p className="dim">
        {document.fileName} <code>{document.error?.code}</code>
      </p>
      <p className="dim refused-advice">
        Nothing was changed. A plan that no longer opens can be made anew: compare the two roots, and mirror again.
      </p>
      <Button appearance="primary" onClick={() => store.reopen()}>
        Try again
      </Button>
    </main>
  );
}
