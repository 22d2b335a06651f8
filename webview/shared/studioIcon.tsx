import chevronLeft from '@vscode/codicons/src/icons/chevron-left.svg' with { type: 'text' };
import chevronRight from '@vscode/codicons/src/icons/chevron-right.svg' with { type: 'text' };
import starFull from '@vscode/codicons/src/icons/star-full.svg' with { type: 'text' };
import starEmpty from '@vscode/codicons/src/icons/star-empty.svg' with { type: 'text' };
import undo from '@vscode/codicons/src/icons/discard.svg' with { type: 'text' };
import zoomIn from '@vscode/codicons/src/icons/zoom-in.svg' with { type: 'text' };
import zoomOut from '@vscode/codicons/src/icons/zoom-out.svg' with { type: 'text' };
import openFile from '@vscode/codicons/src/icons/go-to-file.svg' with { type: 'text' };
import again from '@vscode/codicons/src/icons/debug-rerun.svg' with { type: 'text' };
import fileMedia from '@vscode/codicons/src/icons/file-media.svg' with { type: 'text' };
import add from '@vscode/codicons/src/icons/add.svg' with { type: 'text' };
import remove from '@vscode/codicons/src/icons/remove.svg' with { type: 'text' };
import refresh from '@vscode/codicons/src/icons/refresh.svg' with { type: 'text' };
import unlock from '@vscode/codicons/src/icons/unlock.svg' with { type: 'text' };
import chevronDown from '@vscode/codicons/src/icons/chevron-down.svg' with { type: 'text' };
import play from '@vscode/codicons/src/icons/play.svg' with { type: 'text' };
import versions from '@vscode/codicons/src/icons/versions.svg' with { type: 'text' };
import type { ReactElement } from 'react';

import { dice } from './dice.ts';
import { Drawing, drawings as sharedDrawings, type IconProps } from './icon.tsx';

/** The icons of the studio's panels, which the Plan panel need not load, beside those of all panels. */
const drawings = {
  ...sharedDrawings,
  dice,
  chevronLeft,
  chevronRight,
  starFull,
  starEmpty,
  undo,
  zoomIn,
  zoomOut,
  openFile,
  again,
  fileMedia,
  add,
  remove,
  refresh,
  unlock,
  chevronDown,
  play,
  versions,
} as const;
export type IconName = keyof typeof drawings;

/** Decoration only: the words beside it, or the control's label, say what it means. */
export function Icon({ name, ...rest }: IconProps<IconName>): ReactElement {
  return <Drawing name={name} svg={drawings[name]} {...rest} />;
}
