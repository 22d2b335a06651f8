import type { ReactElement } from 'react';

import { Field, TextArea } from '../shared/fields.tsx';
import type { DraftKeeper, DraftState } from './draftKeeper.ts';
import { takes } from './itemModel.ts';
import type { OptionsState } from './optionsStore.ts';

export interface PromptFieldsProps {
  readonly state: DraftState;
  readonly keeper: DraftKeeper;
  readonly options: OptionsState;
}

export function PromptFields({ state, keeper, options }: PromptFieldsProps): ReactElement {
  const { brief, draft } = state;
  const { provider, answer } = options;
  const negative = draft.negative ?? '';
  const takesPrompt = takes(provider, answer?.fields, 'prompt');
  const takesNegative = takes(provider, answer?.fields, 'negative');
  return (
    <>
      <Field id="brief" label="Brief" hint="What is wanted, for people. It is not sent.">
        <TextArea
          id="brief"
          rows={1}
          value={brief}
          placeholder="A poster for the summer menu: light, fresh, room for a headline"
          describedBy="brief-hint"
          onValue={(value) => keeper.changeBrief(value)}
        />
      </Field>
      <Field
        id="prompt"
        label="Prompt"
        {...(takesPrompt ? {} : { hint: 'This workflow has no input bound to the prompt. It is kept, and not sent.' })}
      >
        <TextArea
          id="prompt"
          rows={4}
          value={draft.prompt ?? ''}
          placeholder="What to see in the image"
          describedBy={takesPrompt ? undefined : 'prompt-hint'}
          onValue={(prompt) => keeper.change({ prompt })}
        />
      </Field>
      {(takesNegative || negative !== '') && (
        <Field
          id="negative"
          label="Negative prompt"
          {...(takesNegative
            ? {}
            : { hint: 'This workflow has no input bound to the negative prompt. It is kept, and not sent.' })}
        >
          <TextArea
            id="negative"
            rows={1}
            value={negative}
            placeholder="What not to see"
            describedBy={takesNegative ? undefined : 'negative-hint'}
            onValue={(value) => keeper.change({ negative: value })}
          />
        </Field>
      )}
    </>
  );
}
