import type { ReactElement } from 'react';

import type { InputField } from '../../src/protocol/studioValues.ts';
import { Button } from '../shared/controls.tsx';
import { Field, NumberInput, Select, TextInput } from '../shared/fields.tsx';
import { Icon } from '../shared/studioIcon.tsx';
import { Notice } from '../shared/notice.tsx';
import { Tick } from '../shared/tick.tsx';
import { type Draft, type FieldValue, fileName, settingFields, valuesWithoutField } from './itemModel.ts';
import type { ItemStore } from './itemStore.ts';
import type { OptionsState } from './optionsStore.ts';

export interface ValueFieldsProps {
  readonly store: ItemStore;
  readonly options: OptionsState;
  readonly draft: Draft;
}

/** What the provider, with its workflow, lets one set. */
export function ValueFields({ store, options, draft }: ValueFieldsProps): ReactElement | null {
  const { answer, asking, fieldsError, provider } = options;
  const values = draft.values ?? {};
  if (fieldsError !== undefined) {
    return (
      <Notice
        kind="error"
        error={fieldsError}
        action={{ label: 'Try again', onClick: () => store.state.getSnapshot().open?.options.checkAgain() }}
      />
    );
  }
  if (answer === undefined) {
    return asking ? <p className="dim">Asking {provider?.name} what can be set…</p> : null;
  }
  const fields = settingFields(answer.fields);
  const unused = valuesWithoutField(values, answer.fields);
  return (
    <div className={asking ? 'values values-asking' : 'values'}>
      {answer.problems.map(({ code, message }) => (
        <div key={`${code} ${message}`} className="condition" role="status">
          <Icon name="warning" />
          <span className="condition-words">
            {message} <code>{code}</code>
          </span>
        </div>
      ))}
      {fields.length > 0 && (
        <div className="value-grid">
          {fields.map((field) => (
            <ValueField key={field.name} field={field} value={values[field.name]} store={store} />
          ))}
        </div>
      )}
      {unused.length > 0 && (
        <div className="unused" role="group" aria-label="Values kept, not sent">
          <span className="dim">Kept, and not sent: {provider?.name} does not have them now.</span>
          <ul className="chips">
            {unused.map(({ name, value }) => (
              <li key={name} className="unused-value">
                <span className="dim">{name}</span> <span>{String(value)}</span>
                <button
                  type="button"
                  className="unused-remove"
                  aria-label={`Forget ${name}`}
                  title={`Forget ${name}`}
                  onClick={() => store.setValue(name, undefined)}
                >
                  <Icon name="close" />
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}

interface ValueFieldProps {
  readonly field: InputField;
  readonly value: FieldValue | undefined;
  readonly store: ItemStore;
}

function ValueField({ field, value, store }: ValueFieldProps): ReactElement {
  const { name, label, type } = field;
  const id = `value-${name}`;
  const set = (next: FieldValue | undefined): void => store.setValue(name, next);
  const isWide = type === 'image' || type === 'text' || (type === 'choice' && WIDE_NAMES.has(name));
  return (
    <Field id={id} label={label} className={isWide ? 'field-wide' : ''}>
      <ValueControl id={id} field={field} value={value} set={set} store={store} />
    </Field>
  );
}

/** Names of model files are long. */
const WIDE_NAMES = new Set(['model', 'lora']);

interface ValueControlProps extends ValueFieldProps {
  readonly id: string;
  readonly set: (value: FieldValue | undefined) => void;
}

function ValueControl({ id, field, value, set, store }: ValueControlProps): ReactElement {
  const { name, label, type, min, max, step } = field;
  const byDefault = field.default === undefined ? undefined : String(field.default);
  switch (type) {
    case 'integer':
    case 'number':
      return (
        <NumberInput
          id={id}
          value={typeof value === 'number' ? value : undefined}
          placeholder={byDefault}
          min={min}
          max={max}
          step={step}
          whole={type === 'integer'}
          onValue={set}
        />
      );
    case 'boolean': {
      const isOn = typeof value === 'boolean' ? value : field.default === true;
      return (
        <span className="value-tick">
          <Tick state={isOn ? 'on' : 'off'} label={label} tabIndex={0} onToggle={() => set(!isOn)} />
          <span className="dim">{isOn ? 'On' : 'Off'}</span>
        </span>
      );
    }
    case 'choice':
      return <Choice id={id} field={field} value={value} set={set} />;
    case 'image':
      return <ImageChoice id={id} name={name} label={label} value={value} set={set} store={store} />;
    case 'text':
      return (
        <TextInput
          id={id}
          value={value === undefined ? '' : String(value)}
          placeholder={byDefault}
          onValue={(text) => set(text === '' ? undefined : text)}
        />
      );
  }
}

function Choice({ id, field, value, set }: Omit<ValueControlProps, 'store'>): ReactElement {
  const choices = field.choices ?? [];
  const byDefault = field.default === undefined ? '' : String(field.default);
  const chosen = value === undefined ? '' : String(value);
  const isGone = chosen !== '' && !choices.includes(chosen);
  return (
    <>
      <Select
        id={id}
        value={chosen}
        describedBy={isGone ? `${id}-gone` : undefined}
        options={[
          { value: '', label: byDefault === '' ? 'As in the workflow' : byDefault },
          ...(isGone ? [{ value: chosen, label: chosen }] : []),
          ...choices.filter((choice) => choice !== byDefault).map((choice) => ({ value: choice, label: choice })),
        ]}
        onValue={(next) => set(next === '' ? undefined : next)}
      />
      {isGone && (
        <span id={`${id}-gone`} className="field-warning">
          <Icon name="warning" /> Not there now
        </span>
      )}
    </>
  );
}

interface ImageChoiceProps {
  readonly id: string;
  readonly name: string;
  readonly label: string;
  readonly value: FieldValue | undefined;
  readonly set: (value: FieldValue | undefined) => void;
  readonly store: ItemStore;
}

function ImageChoice({ id, name, label, value, set, store }: ImageChoiceProps): ReactElement {
  const path = typeof value === 'string' ? value : '';
  return (
    <div className="with-buttons">
      <span className="image-path" title={path === '' ? undefined : path}>
        {path === '' ? <span className="dim">No image chosen</span> : fileName(path)}
      </span>
      <Button id={id} aria-label={`Choose ${label}`} onClick={() => void store.chooseImage(name)}>
        Choose…
      </Button>
      {path !== '' && (
        <Button appearance="icon" aria-label={`Take ${label} away`} title="Take it away" onClick={() => set(undefined)}>
          <Icon name="close" />
        </Button>
      )}
    </div>
  );
}
