import { type ReactElement, type ReactNode, useState } from 'react';

import { Icon } from '../shared/studioIcon.tsx';
import type { ItemMemory } from './keptItem.ts';

export interface SectionProps {
  readonly id: string;
  readonly title: string;
  /** What it holds, in a few words, beside its title. */
  readonly summary?: ReactNode;
  readonly memory: ItemMemory;
  readonly initiallyOpen: boolean;
  readonly children: ReactNode;
}

/** A part of the editor that can be folded away; how one left it is remembered. */
export function Section({ id, title, summary, memory, initiallyOpen, children }: SectionProps): ReactElement {
  const [chosen, setChosen] = useState(memory.kept.open[id]);
  const isOpen = chosen ?? initiallyOpen;
  return (
    <section className="section">
      <h2>
        <button
          type="button"
          className="section-head"
          aria-expanded={isOpen}
          aria-controls={`section-${id}`}
          onClick={() => {
            setChosen(!isOpen);
            memory.keep({ open: { ...memory.kept.open, [id]: !isOpen } });
          }}
        >
          <Icon name={isOpen ? 'chevronDown' : 'chevronRight'} />
          <span>{title}</span>
          <span className="section-summary dim">{summary}</span>
        </button>
      </h2>
      {isOpen && (
        <div id={`section-${id}`} className="section-body">
          {children}
        </div>
      )}
    </section>
  );
}
