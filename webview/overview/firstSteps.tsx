import type { ReactElement } from 'react';

import type { WorkItem } from '../../src/protocol/studioValues.ts';
import { Button } from '../shared/controls.tsx';
import { Icon } from '../shared/studioIcon.tsx';
import type { OverviewStore } from './overviewStore.ts';

/** Nothing was made yet: two steps to the first image. */
export function FirstSteps({ store, item }: { store: OverviewStore; item: WorkItem | undefined }): ReactElement {
  const newItem = (): void => store.ask((remote) => remote.request('overview.newItem', {}));
  return (
    <section className="first" aria-label="Your first image">
      <h2 className="first-title">Your first image, in two steps</h2>
      <ol className="first-steps">
        <li className={item === undefined ? 'first-step first-now' : 'first-step'}>
          <span className="first-number" aria-hidden="true">
            {item === undefined ? '1' : <Icon name="check" />}
          </span>
          <div>
            <h3>Name what you work on</h3>
            {item === undefined ? (
              <>
                <p className="dim">
                  A brand holds projects, a project holds work items: Harbour Kitchen, Summer menu, Poster. You are
                  asked for the three names.
                </p>
                <Button appearance="primary" onClick={newItem}>
                  New work item
                </Button>
              </>
            ) : (
              <p className="dim">
                {item.project.name} › {item.name} is ready.{' '}
                <button type="button" className="link" onClick={newItem}>
                  Another one
                </button>
              </p>
            )}
          </div>
        </li>
        <li className={item === undefined ? 'first-step' : 'first-step first-now'}>
          <span className="first-number" aria-hidden="true">
            2
          </span>
          <div>
            <h3>Describe it, and generate</h3>
            <p className="dim">
              Write what to see and press Ctrl+Enter. ComfyUI, a program of yours or an HTTP service makes the image;
              Draft works offline, with nothing set up.
            </p>
            {item !== undefined && (
              <Button
                appearance="primary"
                onClick={() => store.ask((remote) => remote.request('overview.openItem', { item: item.id }))}
              >
                Open {item.name}
              </Button>
            )}
          </div>
        </li>
      </ol>
    </section>
  );
}
