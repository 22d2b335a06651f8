import type { ReactElement } from 'react';

import { formatQuantity } from '../../src/base/format.ts';
import type { Problem } from '../../src/protocol/values.ts';
import { Icon } from '../shared/icon.tsx';

const SHOWN = 500;

/** What the plan could not hold, closed until somebody wants to know. */
export function LeftOut({ problems, isUndo }: { problems: readonly Problem[]; isUndo: boolean }): ReactElement {
  const what = isUndo
    ? `${formatQuantity(problems.length, 'step')} cannot be undone`
    : `${formatQuantity(problems.length, 'file is', 'files are')} left out of the plan`;
  return (
    <details className="left-out">
      <summary>
        <Icon name="warning" /> {what}
      </summary>
      <ul>
        {problems.slice(0, SHOWN).map(({ path, code, message }) => (
          <li key={`${code} ${path}`}>
            {message} <code>{code}</code>
          </li>
        ))}
        {problems.length > SHOWN && (
          <li className="dim">… and {formatQuantity(problems.length - SHOWN, 'more', 'more')}</li>
        )}
      </ul>
    </details>
  );
}
