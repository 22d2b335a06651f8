import { type ReactElement, useLayoutEffect, useRef } from 'react';

import { Button } from '../shared/controls.tsx';
import { formatExactTime } from '../shared/formatting.ts';
import { Icon } from '../shared/transferIcon.tsx';
import type { JobStore, LogLine } from './jobStore.ts';

/** Lines in the page at once: the newest. All of them are in what is copied. */
const SHOWN = 1_000;
/** Pixels from the end within which one reads the newest line, and wants to see the next. */
const AT_END = 40;

/** What was noted of it, oldest first; stays at the newest line for who is there. */
export function JobLog({ lines, store }: { lines: readonly LogLine[]; store: JobStore }): ReactElement {
  const list = useRef<HTMLOListElement>(null);
  const isAtEnd = useRef(true);
  const last = lines.at(-1)?.line;
  useLayoutEffect(() => {
    const element = list.current;
    if (element !== null && isAtEnd.current) element.scrollTop = element.scrollHeight;
  }, [last]);
  const shown = lines.slice(-SHOWN);
  return (
    <section className="job-section job-log" aria-label="Log">
      <h2>
        Log
        {lines.length > 0 && (
          <Button
            appearance="icon"
            aria-label="Copy the log"
            title="Copy the log"
            onClick={() => store.ask((remote) => remote.request('panel.copyText', { text: logText(lines) }))}
          >
            <Icon name="copy" />
          </Button>
        )}
      </h2>
      {lines.length === 0 ? (
        <p className="dim">Nothing was noted yet.</p>
      ) : (
        <ol
          ref={list}
          className="log-lines"
          // Read by keyboard too, so it takes the focus.
          tabIndex={0}
          aria-label="Log, oldest first"
          onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
            isAtEnd.current = scrollHeight - clientHeight - scrollTop < AT_END;
          }}
        >
          {lines.length > SHOWN && <li className="dim">… {lines.length - SHOWN} earlier lines: copy the log</li>}
          {shown.map(({ line, at, level, message }) => (
            <li key={line} className={`log-${level}`}>
              <time title={formatExactTime(at)}>{clockTime(at)}</time>
              {level !== 'info' && <Icon name={level === 'warn' ? 'warning' : 'error'} />}
              <span>{message}</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

const MAX_TEXT = 499_000;

function logText(lines: readonly LogLine[]): string {
  return lines
    .map(({ at, level, message }) => `${new Date(at).toISOString()} ${level.padEnd(5)} ${message}`)
    .join('\n')
    .slice(-MAX_TEXT);
}

const timeOfDay = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

function clockTime(at: number): string {
  return timeOfDay.format(at);
}
