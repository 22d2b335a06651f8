import { provideVSCodeDesignSystem, vsCodeButton } from '@vscode/webview-ui-toolkit';
import { createElement, type ReactElement, type ReactNode } from 'react';

/**
 * The toolkit's controls, each as a typed component. Nothing but this file and `textField.tsx` imports the toolkit, so
 * that another one can take its place here.
 */
provideVSCodeDesignSystem().register(vsCodeButton());

/** What every control takes. */
export interface ControlProps {
  readonly id?: string;
  readonly className?: string;
  readonly title?: string | undefined;
  readonly 'aria-label'?: string;
  readonly 'aria-describedby'?: string | undefined;
}

export interface ButtonProps extends ControlProps {
  readonly appearance?: 'primary' | 'secondary' | 'icon';
  readonly disabled?: boolean;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

export function Button({ appearance = 'secondary', disabled = false, ...rest }: ButtonProps): ReactElement {
  return createElement('vscode-button', { appearance, disabled, ...rest });
}
