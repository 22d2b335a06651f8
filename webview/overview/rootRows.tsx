import type { ReactElement } from 'react';

import { rootTitle } from '../../src/base/rootTitle.ts';
import type { Root } from '../../src/protocol/values.ts';
import { Icon, type IconName } from '../shared/studioIcon.tsx';
import { Block } from './block.tsx';
import { rootSentence } from './overviewModel.ts';
import type { Overview } from './overviewRemote.ts';
import type { OverviewStore } from './overviewStore.ts';

export interface RootRowsProps {
  readonly store: OverviewStore;
  readonly overview: Overview;
  readonly now: number;
}

/** Whether the model folders can be reached, and when they were looked at. */
export function RootRows({ store, overview, now }: RootRowsProps): ReactElement | null {
  const { roots } = overview;
  if (roots.length === 0) return null;
  return (
    <Block title="Model roots">
      <ul className="rows rows-close">
        {roots.map((root) => (
          <li key={root.name} className="row">
            <div className="row-line">
              <span className={`root-state root-${rootIcon(root)}`}>
                <Icon name={rootIcon(root)} />
              </span>
              <div className="row-words">
                <button
                  type="button"
                  className="row-name"
                  title={root.path}
                  onClick={() => store.ask((remote) => remote.request('overview.showRoot', { root: root.name }))}
                >
                  {rootTitle(root.name)}
                </button>
                {root.mounted ? (
                  <p className="row-text dim figure">{rootSentence(root, now)}</p>
                ) : (
                  <p className="row-reason">
                    {root.problem?.message ?? 'It is not mounted.'}{' '}
                    {root.problem !== undefined && <code>{root.problem.code}</code>}
                  </p>
                )}
              </div>
            </div>
          </li>
        ))}
      </ul>
    </Block>
  );
}

function rootIcon({ mounted, scannedAt }: Root): IconName {
  if (!mounted) return 'warning';
  return scannedAt === null ? 'info' : 'pass';
}
