import { provideVSCodeDesignSystem, vsCodeButton, vsCodeTextField } from '@vscode/webview-ui-toolkit';
import { createElement, type InputEvent, type ReactElement, type ReactNode, type Ref } from 'react';

/**
 * The toolkit's controls, each as a typed component. Nothing else imports the toolkit, so that another one can take its
 * place here.
 */
provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeTextField());

interface Common {
  readonly id?: string;
  readonly className?: string;
  readonly title?: string | undefined;
  readonly 'aria-label'?: string;
  readonly 'aria-describedby'?: string | undefined;
}

export interface ButtonProps extends Common {
  readonly appearance?: 'primary' | 'secondary' | 'icon';
  readonly disabled?: boolean;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

export function Button({ appearance = 'secondary', disabled = false, ...rest }: ButtonProps): ReactElement {
  return createElement('vscode-button', { appearance, disabled, ...rest });
}

export interface TextFieldElement extends HTMLElement {
  value: string;
  select(): void;
}

export interface TextFieldProps extends Common {
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
