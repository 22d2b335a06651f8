import arrowLeft from '@vscode/codicons/src/icons/arrow-left.svg' with { type: 'text' };
import pause from '@vscode/codicons/src/icons/debug-pause.svg' with { type: 'text' };
import undo from '@vscode/codicons/src/icons/discard.svg' with { type: 'text' };
import conflict from '@vscode/codicons/src/icons/question.svg' with { type: 'text' };
import restore from '@vscode/codicons/src/icons/history.svg' with { type: 'text' };
import resume from '@vscode/codicons/src/icons/debug-continue.svg' with { type: 'text' };
import type { ReactElement } from 'react';

import { Drawing, drawings as sharedDrawings, type IconProps } from './icon.tsx';

/** The icons of what is transferred (plans, jobs, trash), which the studio's panels need not load. */
const drawings = { ...sharedDrawings, arrowLeft, conflict, pause, restore, resume, undo } as const;
export type IconName = keyof typeof drawings;

/** Decoration only: the words beside it, or the control's label, say what it means. */
export function Icon({ name, ...rest }: IconProps<IconName>): ReactElement {
  return <Drawing name={name} svg={drawings[name]} {...rest} />;
}
