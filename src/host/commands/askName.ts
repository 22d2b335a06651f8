import * as vscode from 'vscode';

import { displayName } from '../../protocol/studioValues.ts';

/** Asks for the name of something; undefined when the person gave up. */
export async function askName(
  title: string,
  options: { readonly value?: string; readonly placeHolder?: string; readonly prompt?: string } = {},
): Promise<string | undefined> {
  const answer = await vscode.window.showInputBox({
    prompt: 'A name of up to 200 characters.',
    ...options,
    title,
    // A click beside it must not lose what was typed.
    ignoreFocusOut: true,
    validateInput: (text) =>
      displayName.safeParse(text).success
        ? undefined
        : text.trim() === ''
          ? 'Type a name.'
          : 'A name has at most 200 characters.',
  });
  return answer?.trim();
}
