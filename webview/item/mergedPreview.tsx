import type { ReactElement } from 'react';

import { Button } from '../shared/controls.tsx';
import { Icon } from '../shared/studioIcon.tsx';
import { ORIGIN_WORDS, sentPieces, takes } from './itemModel.ts';
import type { ItemStore, OpenItem } from './itemStore.ts';
import type { OptionsState } from './optionsStore.ts';
import { Section } from './section.tsx';

export interface MergedPreviewProps {
  readonly options: OptionsState;
  readonly open: OpenItem;
  readonly store: ItemStore;
}

/** The prompt exactly as it will be sent, each piece beside the scope it came from. */
export function MergedPreview({ options, open, store }: MergedPreviewProps): ReactElement {
  const { merged, mergeError, answer, provider } = options;
  const pieces = merged === undefined ? [] : sentPieces(merged);
  const origins = [...new Set(pieces.flatMap(({ from }) => (from === undefined ? [] : [from])))];
  const sendsNegative = takes(provider, answer?.fields, 'negative');
  return (
    <Section
      id="merged"
      title="What will be sent"
      summary={mergeError === undefined ? origins.map((from) => ORIGIN_WORDS[from].toLowerCase()).join(', ') : ''}
      memory={open.memory}
      initiallyOpen={false}
    >
      {mergeError !== undefined && (
        <p className="field-problem" role="alert">
          {mergeError.message} <code>{mergeError.code}</code>
        </p>
      )}
      {merged !== undefined && pieces.length === 0 && <p className="dim">Nothing yet: the prompt is empty.</p>}
      {merged !== undefined && pieces.length > 0 && (
        <div className="sent">
          <dl className="pieces">
            {pieces.map(({ from, text }, index) => (
              // A piece has no name of its own, and the list is drawn anew as a whole.
              <div key={index} className={`piece piece-${from ?? 'unknown'}`}>
                <dt className="dim">{from === undefined ? '' : ORIGIN_WORDS[from]}</dt>
                <dd>{text}</dd>
              </div>
            ))}
            {merged.negative !== '' && (
              <div className="piece piece-negative">
                <dt className="dim">Negative</dt>
                <dd>
                  {merged.negative}
                  {!sendsNegative && <span className="dim"> (not sent: this workflow has no input bound to it)</span>}
                </dd>
              </div>
            )}
          </dl>
          <Button
            appearance="icon"
            aria-label="Copy the prompt as it is sent"
            title="Copy the prompt as it is sent"
            onClick={() => store.ask((remote) => remote.request('panel.copyText', { text: merged.prompt }))}
          >
            <Icon name="copy" />
          </Button>
        </div>
      )}
    </Section>
  );
}
