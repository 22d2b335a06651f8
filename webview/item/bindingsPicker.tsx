import { type ReactElement, useEffect, useState } from 'react';

import { type LakesideError, toLakesideError } from '../../src/base/errors.ts';
import { formatCount } from '../../src/base/format.ts';
import type { Workflow } from '../../src/protocol/studioValues.ts';
import { Button } from '../shared/controls.tsx';
import { Select, type SelectOption } from '../shared/fields.tsx';
import { Icon } from '../shared/studioIcon.tsx';
import {
  bindingProblem,
  type BindingRow,
  bindingRows,
  bindingsOf,
  inputKey,
  inputLabel,
  NAME_WORDS,
  type NodeInput,
  suits,
  unboundNames,
} from './bindingModel.ts';
import type { ItemStore } from './itemStore.ts';

export interface BindingsPickerProps {
  readonly workflow: Workflow;
  readonly store: ItemStore;
  readonly onClose: () => void;
}

/** Corrects which input of the workflow each name sets. */
export function BindingsPicker({ workflow, store, onClose }: BindingsPickerProps): ReactElement {
  const [inputs, setInputs] = useState<readonly NodeInput[]>();
  const [rows, setRows] = useState<readonly BindingRow[]>(() => bindingRows(workflow));
  const [error, setError] = useState<LakesideError>();
  const [saving, setSaving] = useState(false);
  useEffect(() => {
    let isCurrent = true;
    store.workflowInputs(workflow.id).then(
      (found) => {
        if (isCurrent) setInputs(found);
      },
      (reason: unknown) => {
        if (isCurrent) setError(toLakesideError(reason));
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [store, workflow.id]);

  const problem = bindingProblem(rows);
  const save = async (): Promise<void> => {
    setSaving(true);
    try {
      await store.bind(workflow.id, bindingsOf(rows, inputs ?? []));
      onClose();
    } catch (reason) {
      setError(toLakesideError(reason));
      setSaving(false);
    }
  };
  return (
    <section
      className="bindings"
      aria-label={`Bindings of ${workflow.name}`}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <p className="dim section-note">
        What each name sets in the {formatCount(workflow.nodes)} nodes of {workflow.name}. These were found by reading
        the graph; correct what was guessed wrong.
        {workflow.builtIn && ' This workflow comes with Lakeside: your corrections make a copy of it.'}
      </p>
      {inputs === undefined && error === undefined && <p className="dim">Reading the workflow…</p>}
      {inputs !== undefined && (
        <>
          <ul className="binding-rows">
            {rows.map((row, index) => (
              <li key={`${index} ${row.name}`}>
                <span className="binding-name">{NAME_WORDS[row.name] ?? row.name}</span>
                <Select
                  id={`binding-${index}`}
                  label={`Input that ${NAME_WORDS[row.name] ?? row.name} sets`}
                  value={row.key}
                  options={inputOptions(row, inputs)}
                  onValue={(key) => setRows(rows.map((each, at) => (at === index ? { ...each, key } : each)))}
                />
                <Button
                  appearance="icon"
                  aria-label={`Bind ${NAME_WORDS[row.name] ?? row.name} to nothing`}
                  title="Bind it to nothing"
                  onClick={() => setRows(rows.filter((_, at) => at !== index))}
                >
                  <Icon name="close" />
                </Button>
              </li>
            ))}
          </ul>
          <div className="binding-add">
            <Select
              id="binding-add"
              label="Bind another name"
              value=""
              options={[
                { value: '', label: 'Bind another name…' },
                ...unboundNames(rows).map((name) => ({ value: name, label: NAME_WORDS[name] ?? name })),
                { value: 'lora', label: 'Another LoRA', group: 'Again' },
              ]}
              onValue={(name) => {
                if (name !== '') setRows([...rows, { name, key: '' }]);
              }}
            />
          </div>
        </>
      )}
      {(problem !== undefined || error !== undefined) && (
        <p className="field-problem" role="alert">
          {problem ?? error?.message} {problem === undefined && <code>{error?.code}</code>}
        </p>
      )}
      <div className="instruction-actions">
        <span />
        <Button onClick={onClose}>Discard</Button>
        <Button
          appearance="primary"
          disabled={inputs === undefined || saving || problem !== undefined}
          onClick={() => void save()}
        >
          Save bindings
        </Button>
      </div>
    </section>
  );
}

/** Inputs of a fitting type first; the binder may have been wrong about types too. */
function inputOptions({ name, key }: BindingRow, inputs: readonly NodeInput[]): SelectOption[] {
  const options = inputs.map((input) => ({
    value: inputKey(input),
    label: inputLabel(input),
    group: suits(name, input.type) ? 'Fitting' : 'Others',
  }));
  const sorted = options.toSorted((a, b) => Number(a.group === 'Others') - Number(b.group === 'Others'));
  const isKnown = options.some(({ value }) => value === key);
  return isKnown
    ? sorted
    : [{ value: key, label: key === '' ? 'Choose an input…' : 'An input the graph has not' }, ...sorted];
}
