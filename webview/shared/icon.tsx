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
import info from '@vscode/codicons/src/icons/info.svg' with { type: 'text' };
import loading from '@vscode/codicons/src/icons/loading.svg' with { type: 'text' };
import lock from '@vscode/codicons/src/icons/lock.svg' with { type: 'text' };
import move from '@vscode/codicons/src/icons/arrow-right.svg' with { type: 'text' };
import pass from '@vscode/codicons/src/icons/pass.svg' with { type: 'text' };
import replace from '@vscode/codicons/src/icons/replace.svg' with { type: 'text' };
import search from '@vscode/codicons/src/icons/search.svg' with { type: 'text' };
import skip from '@vscode/codicons/src/icons/circle-slash.svg' with { type: 'text' };
import trash from '@vscode/codicons/src/icons/trash.svg' with { type: 'text' };
import warning from '@vscode/codicons/src/icons/warning.svg' with { type: 'text' };
import type { ReactElement } from 'react';

/** The codicons every panel may use, as drawings: the whole font would be a quarter of a panel's first load. */
export const drawings = {
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
  info,
  loading,
  lock,
  move,
  pass,
  replace,
  search,
  skip,
  trash,
  warning,
} as const;
export type IconName = keyof typeof drawings;

export interface IconProps<Name extends string> {
  readonly name: Name;
  readonly slot?: string;
  readonly className?: string;
}

/** Decoration only: the words beside it, or the control's label, say what it means. */
export function Icon({ name, ...rest }: IconProps<IconName>): ReactElement {
  return <Drawing name={name} svg={drawings[name]} {...rest} />;
}

export function Drawing({
  name,
  svg,
  slot,
  className = '',
}: IconProps<string> & { readonly svg: string }): ReactElement {
  return (
    <span
      className={`icon icon-${name} ${className}`}
      slot={slot}
      aria-hidden="true"
      dangerouslySetInnerHTML={{ __html: svg }}
    />
  );
}
