import { provideVSCodeDesignSystem, vsCodeTextField } from '@vscode/webview-ui-toolkit';
import { createElement, type InputEvent, type ReactElement, type ReactNode, type Ref } from 'react';

import type { ControlProps } from './controls.tsx';

// Apart from the other controls: a panel without one need not load it.
provideVSCodeDesignSystem().register(vsCodeTextField());

export interface TextFieldElement extends HTMLElement {
  value: string;
  select(): void;
}

export interface TextFieldProps extends ControlProps {
  readonly value: string;
  readonly placeholder: string;
  readonly onValue: (value: string) => void;
  readonly ref?: Ref<TextFieldElement>;
  readonly children?: ReactNode;
}

export function TextField({ onValue, ...rest }: TextFieldProps): ReactElement {
  return createElement('vscode-text-field', {
    ...rest,
    onInput: (event: InputEvent<TextFieldElement>) => onValue(event.currentTarget.value),
  });
}
