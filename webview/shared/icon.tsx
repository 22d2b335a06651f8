import arrowDown from '@vscode/codicons/src/icons/arrow-small-down.svg' with { type: 'text' };
import arrowUp from '@vscode/codicons/src/icons/arrow-small-up.svg' with { type: 'text' };
import check from '@vscode/codicons/src/icons/check.svg' with { type: 'text' };
import checkAll from '@vscode/codicons/src/icons/check-all.svg' with { type: 'text' };
import clock from '@vscode/codicons/src/icons/clockface.svg' with { type: 'text' };
import close from '@vscode/codicons/src/icons/close.svg' with { type: 'text' };
import copy from '@vscode/codicons/src/icons/copy.svg' with { type: 'text' };
import dash from '@vscode/codicons/src/icons/dash.svg' with { type: 'text' };
import edit from '@vscode/codicons/src/icons/edit.svg' with { type: 'text' };
import error from '@vscode/codicons/src/icons/error.svg' with { type: 'text' };
import folder from '@vscode/codicons/src/icons/folder-opened.svg' with { type: 'text' };
import loading from '@vscode/codicons/src/icons/loading.svg' with { type: 'text' };
import lock from '@vscode/codicons/src/icons/lock.svg' with { type: 'text' };
import move from '@vscode/codicons/src/icons/arrow-right.svg' with { type: 'text' };
import pass from '@vscode/codicons/src/icons/pass.svg' with { type: 'text' };
import replace from '@vscode/codicons/src/icons/replace.svg' with { type: 'text' };
import search from '@vscode/codicons/src/icons/search.svg' with { type: 'text' };
import skip from '@vscode/codicons/src/icons/circle-slash.svg' with { type: 'text' };
import trash from '@vscode/codicons/src/icons/trash.svg' with { type: 'text' };
import warning from '@vscode/codicons/src/icons/warning.svg' with { type: 'text' };
import chevronLeft from '@vscode/codicons/src/icons/chevron-left.svg' with { type: 'text' };
import chevronRight from '@vscode/codicons/src/icons/chevron-right.svg' with { type: 'text' };
import info from '@vscode/codicons/src/icons/info.svg' with { type: 'text' };
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

/** The codicons in use, as drawings: the whole font would be a quarter of a panel's first load. */
const drawings = {
  add,
  chevronDown,
  dice,
  play,
  refresh,
  remove,
  unlock,
  versions,
  arrowDown,
  arrowUp,
  check,
  checkAll,
  clock,
  close,
  copy,
  dash,
  edit,
  error,
  folder,
  loading,
  lock,
  move,
  pass,
  replace,
  search,
  skip,
  trash,
  warning,
  chevronLeft,
  chevronRight,
  info,
  starFull,
  starEmpty,
  undo,
  zoomIn,
  zoomOut,
  openFile,
  again,
  fileMedia,
} as const;
export type IconName = keyof typeof drawings;

/** Decoration only: the words beside it, or the control's label, say what it means. */
export function Icon({
  name,
  slot,
  className = '',
}: {
  name: IconName;
  slot?: string;
  className?: string;
}): ReactElement {
  return (
    <span
      className={`icon icon-${name} ${className}`}
      slot={slot}
      aria-hidden="true"
      dangerouslySetInnerHTML={{ __html: drawings[name] }}
    />
  );
}
