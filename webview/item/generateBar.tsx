import type { ReactElement } from 'react';

import { Button } from '../shared/controls.tsx';
import { NumberInput } from '../shared/fields.tsx';
import { Icon } from '../shared/studioIcon.tsx';
import { Notice } from '../shared/notice.tsx';
import type { DraftKeeper } from './draftKeeper.ts';
import { type Draft, generateLabel } from './itemModel.ts';
import type { ItemState, ItemStore } from './itemStore.ts';
import type { OptionsState } from './optionsStore.ts';

export interface GenerateBarProps {
  readonly store: ItemStore;
  readonly state: ItemState;
  readonly options: OptionsState;
  readonly draft: Draft;
  readonly keeper: DraftKeeper;
  /** Why nothing can be generated now. */
  readonly blocked: string | undefined;
  readonly onGenerate: () => void;
}

const MAX_COUNT = 100;

/** Seed, count and Generate: always in sight, whatever is scrolled above. */
export function GenerateBar(props: GenerateBarProps): ReactElement {
  const { store, state, options, draft, keeper, blocked, onGenerate } = props;
  const count = draft.count ?? 1;
  return (
    <footer className="generate">
      {state.actionError !== undefined && (
        <Notice kind="error" error={state.actionError} onDismiss={() => store.dismissError()} />
      )}
      <div className="generate-line">
        <Seed store={store} nextSeed={state.nextSeed} draft={draft} keeper={keeper} options={options} />
        <div className="generate-group">
          <label htmlFor="count">Images</label>
          <Button
            appearance="icon"
            aria-label="One image fewer"
            disabled={count <= 1}
            onClick={() => keeper.change({ count: Math.max(1, count - 1) })}
          >
            <Icon name="remove" />
          </Button>
          <NumberInput
            id="count"
            value={count}
            min={1}
            max={MAX_COUNT}
            whole
            onValue={(value) => {
              if (value !== undefined) keeper.change({ count: value });
            }}
          />
          <Button
            appearance="icon"
            aria-label="One image more"
            disabled={count >= MAX_COUNT}
            onClick={() => keeper.change({ count: Math.min(MAX_COUNT, count + 1) })}
          >
            <Icon name="add" />
          </Button>
        </div>
        <div className="generate-go">
          {blocked !== undefined && (
            <span id="blocked" className="generate-blocked dim" role="status">
              {blocked}
            </span>
          )}
          <Button
            id="generate"
            appearance="primary"
            disabled={blocked !== undefined || state.acting}
            title={blocked ?? `${generateLabel(count)} (Ctrl+Enter)`}
            onClick={onGenerate}
          >
            {generateLabel(count)}
          </Button>
        </div>
      </div>
    </footer>
  );
}

interface SeedProps {
  readonly store: ItemStore;
  readonly nextSeed: number;
  readonly draft: Draft;
  readonly keeper: DraftKeeper;
  readonly options: OptionsState;
}

function Seed({ store, nextSeed, draft, keeper, options }: SeedProps): ReactElement {
  const isLocked = draft.seed !== undefined;
  if (options.provider?.seeds === false) {
    return (
      <p className="generate-group dim" title={`${options.provider.name} makes another image each time.`}>
        No seed: {options.provider.name} takes none
      </p>
    );
  }
  return (
    <div className="generate-group">
      <label htmlFor="seed">Seed</label>
      <NumberInput
        id="seed"
        value={draft.seed ?? nextSeed}
        min={0}
        max={Number.MAX_SAFE_INTEGER}
        whole
        onValue={(seed) => {
          // A number that was typed is meant.
          if (seed !== undefined) keeper.change({ seed });
        }}
      />
      <Button appearance="icon" aria-label="Another seed" title="Another seed" onClick={() => store.rollSeed()}>
        <Icon name="dice" />
      </Button>
      <button
        type="button"
        className="toggle"
        aria-pressed={isLocked}
        aria-label="Keep the seed"
        title={
          isLocked
            ? 'Locked: each run begins with this seed'
            : 'Not locked: this seed is for the next run, and each run after it has another one'
        }
        onClick={() => store.lockSeed(!isLocked)}
      >
        <Icon name={isLocked ? 'lock' : 'unlock'} />
      </button>
    </div>
  );
}
