import { type ReactElement, useState } from 'react';

import type { ProviderInfo } from '../../src/protocol/contracts/providers.ts';
import { Button } from '../shared/controls.tsx';
import { Field, Select, type SelectOption } from '../shared/fields.tsx';
import { Icon } from '../shared/studioIcon.tsx';
import { Notice } from '../shared/notice.tsx';
import { BindingsPicker } from './bindingsPicker.tsx';
import { type Draft, providerCondition } from './itemModel.ts';
import type { ItemStore, OpenItem } from './itemStore.ts';
import type { OptionsState } from './optionsStore.ts';

export interface ProviderPickerProps {
  readonly store: ItemStore;
  readonly open: OpenItem;
  readonly options: OptionsState;
  readonly draft: Draft;
  readonly trusted: boolean;
}

/** Which setting says how to reach a provider of this kind. */
const SETTINGS: Readonly<Record<ProviderInfo['kind'], string | undefined>> = {
  comfyui: 'lakeside.comfyui.servers',
  command: 'lakeside.studio.commands',
  http: 'lakeside.studio.apis',
  draft: undefined,
};

export function ProviderPicker({ store, open, options, draft, trusted }: ProviderPickerProps): ReactElement {
  const { providers, provider, error } = options;
  if (providers === undefined) {
    return (
      <Field id="provider" label="Provider">
        {error === undefined ? (
          <p className="dim" role="status">
            Looking for providers…
          </p>
        ) : (
          <Notice
            kind="error"
            error={error}
            action={{ label: 'Try again', onClick: () => open.options.checkAgain() }}
          />
        )}
      </Field>
    );
  }
  const shown: SelectOption[] = providers.map(({ name, detail, available }) => ({
    value: name,
    label: available === false ? `${name} (away)` : `${name}: ${detail}`,
  }));
  const missing = provider === undefined ? draft.provider : undefined;
  if (missing !== undefined) shown.unshift({ value: missing, label: `${missing} (not set up)` });
  return (
    <>
      <Field id="provider" label="Provider">
        <Select
          id="provider"
          value={provider?.name ?? missing ?? ''}
          options={shown}
          describedBy="provider-condition"
          onValue={(name) => open.draft.change({ provider: name })}
        />
        <div id="provider-condition" className="condition" role="status">
          {provider === undefined ? (
            <MissingProvider name={missing} store={store} />
          ) : (
            <Condition provider={provider} store={store} open={open} checking={options.checking} trusted={trusted} />
          )}
        </div>
      </Field>
      {provider?.workflows === true && <WorkflowPicker store={store} open={open} options={options} draft={draft} />}
    </>
  );
}

function MissingProvider({ name, store }: { name: string | undefined; store: ItemStore }): ReactElement {
  return (
    <>
      <Icon name="warning" />
      <span>
        {name === undefined
          ? 'No provider is set up.'
          : `There is no provider called ${name} any more. Choose another one.`}
      </span>
      <SettingsLink setting="lakeside.comfyui" store={store} />
    </>
  );
}

interface ConditionProps {
  readonly provider: ProviderInfo;
  readonly store: ItemStore;
  readonly open: OpenItem;
  readonly checking: boolean;
  readonly trusted: boolean;
}

function Condition({ provider, store, open, checking, trusted }: ConditionProps): ReactElement {
  const condition = providerCondition(provider, checking);
  const setting = SETTINGS[provider.kind];
  if (provider.kind === 'command' && !trusted) {
    return (
      <>
        <Icon name="lock" />
        <span>It runs a program, so it works only once this workspace is trusted.</span>
      </>
    );
  }
  if (condition.kind === 'away') {
    return (
      <>
        <Icon name="warning" />
        <span className="condition-words">
          {condition.text} <code>{condition.code}</code>
        </span>
        <button type="button" className="link" disabled={checking} onClick={() => open.options.checkAgain()}>
          {checking ? 'Asking…' : 'Ask again'}
        </button>
        {setting !== undefined && <SettingsLink setting={setting} store={store} />}
      </>
    );
  }
  return (
    <>
      <Icon name={condition.kind === 'ready' ? 'pass' : 'loading'} />
      <span className="dim">{condition.text}</span>
    </>
  );
}

function SettingsLink({ setting, store }: { setting: string; store: ItemStore }): ReactElement {
  return (
    <button
      type="button"
      className="link"
      onClick={() => store.ask((remote) => remote.request('item.openSettings', { setting }))}
    >
      Settings
    </button>
  );
}

function WorkflowPicker({ store, open, options, draft }: Omit<ProviderPickerProps, 'trusted'>): ReactElement {
  const { workflows = [], workflow } = options;
  const [binding, setBinding] = useState(false);
  const shown: SelectOption[] = workflows.map(({ id, name, builtIn }) => ({
    value: id,
    label: name,
    group: builtIn ? 'Ready to use' : 'Imported',
  }));
  if (workflow === undefined && draft.workflow !== undefined) {
    shown.unshift({ value: draft.workflow, label: 'A workflow that is not there any more' });
  }
  return (
    <>
      <Field id="workflow" label="Workflow">
        <div className="with-buttons">
          <Select
            id="workflow"
            value={workflow?.id ?? draft.workflow ?? ''}
            options={shown}
            onValue={(id) => open.draft.change({ workflow: id })}
          />
          <Button
            className={binding ? 'button-pressed' : ''}
            title="Which inputs of the workflow the prompt, seed and the rest set"
            disabled={workflow === undefined}
            onClick={() => setBinding(!binding)}
          >
            Bindings
          </Button>
          <Button
            title="Import a workflow in API format, or an image ComfyUI made"
            onClick={() => void store.importWorkflow()}
          >
            Import…
          </Button>
        </div>
      </Field>
      {binding && workflow !== undefined && (
        <BindingsPicker key={workflow.id} workflow={workflow} store={store} onClose={() => setBinding(false)} />
      )}
    </>
  );
}
