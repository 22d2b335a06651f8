import { type ReactElement, useSyncExternalStore } from 'react';

import { Button } from '../shared/controls.tsx';
import { TextArea } from '../shared/fields.tsx';
import type { Instruction, InstructionsState, InstructionsStore } from './instructionsStore.ts';
import { SCOPE_WORDS, scopeReach } from './itemModel.ts';
import type { ItemMemory } from './keptItem.ts';
import { Section } from './section.tsx';

const ORDER = ['item', 'project', 'brand', 'user'] as const;

/** The instructions of each scope, the most particular first, to be written in place. */
export function InstructionList({ store, memory }: { store: InstructionsStore; memory: ItemMemory }): ReactElement {
  const state = useSyncExternalStore(store.state.subscribe, store.state.getSnapshot);
  const { instructions, voice, error } = state;
  const written = ORDER.filter((scope) => instructions?.some((each) => each.scope === scope && each.text !== ''));
  const names = [...written.map((scope) => SCOPE_WORDS[scope].toLowerCase()), ...(voice === '' ? [] : ['voice'])];
  const isWriting = Object.values(state.writing).some((text) => text !== undefined);
  return (
    <Section
      id="instructions"
      title="Instructions"
      summary={instructions === undefined ? '' : names.length === 0 ? 'none yet' : names.join(', ')}
      memory={memory}
      initiallyOpen={isWriting}
    >
      <p className="dim section-note">
        They are added to every prompt. A line such as <code>style: watercolour</code> takes the place of the same line
        of a wider scope; <code>negative: text, watermark</code> goes to the negative prompt.
      </p>
      {instructions === undefined && error === undefined && <p className="dim">Loading…</p>}
      {ORDER.map((scope) => {
        const instruction = instructions?.find((each) => each.scope === scope);
        return instruction && <InstructionRow key={scope} instruction={instruction} state={state} store={store} />;
      })}
      {voice !== '' && (
        <div className="instruction">
          <div className="instruction-head">
            <span className="instruction-scope">Voice</span>
            <span className="dim">of the brand; changed in the Projects view</span>
          </div>
          <p className="instruction-text">{voice}</p>
        </div>
      )}
      {error !== undefined && (
        <p className="field-problem" role="alert">
          {error.message} <code>{error.code}</code>
        </p>
      )}
    </Section>
  );
}

interface InstructionRowProps {
  readonly instruction: Instruction;
  readonly state: InstructionsState;
  readonly store: InstructionsStore;
}

function InstructionRow({ instruction, state, store }: InstructionRowProps): ReactElement {
  const { scope, name, text } = instruction;
  const written = state.writing[scope];
  const id = `instruction-${scope}`;
  return (
    <div className="instruction">
      <div className="instruction-head">
        <label className="instruction-scope" htmlFor={written === undefined ? undefined : id}>
          {SCOPE_WORDS[scope]}
        </label>
        <span className="dim">{name}</span>
        {written === undefined && (
          <button
            type="button"
            className="link instruction-edit"
            aria-label={`${text === '' ? 'Add' : 'Edit'} instructions: ${SCOPE_WORDS[scope]}`}
            onClick={() => store.write(scope, text)}
          >
            {text === '' ? 'Add' : 'Edit'}
          </button>
        )}
      </div>
      {written === undefined ? (
        text !== '' && <p className="instruction-text">{text}</p>
      ) : (
        <div
          className="instruction-writing"
          onKeyDown={(event) => {
            // Written text is given up by its button only.
            if (event.key === 'Escape' && written === text) store.write(scope, undefined);
            else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
              // Here it saves what is written; elsewhere it generates.
              event.preventDefault();
              void store.save(instruction);
            }
          }}
        >
          <TextArea
            id={id}
            rows={2}
            value={written}
            placeholder={'style: watercolour\nsoft light, muted colours'}
            describedBy={`${id}-reach`}
            ref={focusOnce}
            onValue={(value) => store.write(scope, value)}
          />
          <div className="instruction-actions">
            <span id={`${id}-reach`} className="dim">
              {scopeReach(scope, name)}
            </span>
            <Button onClick={() => store.write(scope, undefined)}>Discard</Button>
            <Button
              appearance="primary"
              disabled={state.saving !== undefined || written.trim() === text}
              title="Save (Ctrl+Enter)"
              onClick={() => void store.save(instruction)}
            >
              Save
            </Button>
          </div>
        </div>
      )}
    </div>
  );
}

/** The person asked to write: the text takes the keyboard, its end first. */
function focusOnce(element: HTMLTextAreaElement | null): void {
  if (element === null) return;
  element.focus();
  element.setSelectionRange(element.value.length, element.value.length);
}
