import type { ReactElement } from 'react';

import { formatCount } from '../../src/base/format.ts';
import type { Job } from '../../src/protocol/values.ts';
import { progressShare, stateWords } from './jobModel.ts';
import type { JobStore } from './jobStore.ts';

export interface JobPartsProps {
  readonly parts: readonly Job[];
  readonly counts: NonNullable<Job['parts']>;
  readonly store: JobStore;
}

/** The jobs it is made of, each a way to its own panel. */
export function JobParts({ parts, counts, store }: JobPartsProps): ReactElement {
  return (
    <section className="job-section" aria-label="Parts">
      <h2>
        Parts{' '}
        <span className="dim">
          {formatCount(counts.over)} of {formatCount(counts.total)} over
          {counts.failed > 0 && `, ${formatCount(counts.failed)} failed`}
        </span>
      </h2>
      <ul className="parts">
        {parts.map((part) => (
          <li key={part.id}>
            <button
              type="button"
              className="link part-title"
              onClick={() => store.ask((remote) => remote.request('panel.showJob', { job: part.id }))}
            >
              {part.title}
            </button>
            <progress
              max={1}
              value={part.status === 'succeeded' ? 1 : (progressShare(part.progress) ?? 0)}
              aria-label={`How far ${part.title} is`}
            />
            <span className={`part-state state-${part.status}`}>{stateWords(part)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
