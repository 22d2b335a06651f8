import { formatBytes, formatCount } from '../../src/base/format.ts';

/** Figures that only panels show. English, so that they fit the sentences around them. */

const dateAndTime = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const exactTime = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'medium' });

/** `6,979,321,856 bytes` */
export function formatExactBytes(bytes: number): string {
  return `${formatCount(bytes)} ${bytes === 1 ? 'byte' : 'bytes'}`;
}

/** `210 MB/s` */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(Math.round(bytesPerSecond))}/s`;
}

/** Local time: `3 Mar 2025, 14:02` */
export function formatTime(timeMs: number): string {
  return dateAndTime.format(timeMs);
}

const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });

/** Local day: `3 Mar 2025` */
export function formatDay(timeMs: number): string {
  return day.format(timeMs);
}

/** Local time to the second: `3 March 2025 at 14:02:11` */
export function formatExactTime(timeMs: number): string {
  return exactTime.format(timeMs);
}

const timeOfDay = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' });
const dayAndTime = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const DAY_MS = 86_400_000;

/** Local time, as short as it is clear: `14:02` today, `3 Mar, 14:02` within 300 days, else with its year. */
export function formatWhen(timeMs: number, nowMs: number): string {
  const age = nowMs - timeMs;
  const isToday = age < DAY_MS && new Date(timeMs).getDate() === new Date(nowMs).getDate();
  if (isToday) return timeOfDay.format(timeMs);
  return age < 300 * DAY_MS ? dayAndTime.format(timeMs) : dateAndTime.format(timeMs);
}
