import { type Settings, WEEKDAYS } from '../protocol/settings.ts';

export type BandwidthSetting = Settings['transfer.bandwidth'];

/** A moment as the clock on the wall shows it. */
export interface WallTime {
  readonly weekday: (typeof WEEKDAYS)[number];
  /** Since midnight. */
  readonly minutes: number;
}

/** By the local time zone: where clocks are put back, an hour of a timetable holds twice; where they are put on, not at all. */
export function wallTime(date: Date): WallTime {
  // Sunday is 0 there, and the last one here.
  const weekday = WEEKDAYS[(date.getDay() + 6) % WEEKDAYS.length] ?? 'mon';
  return { weekday, minutes: date.getHours() * 60 + date.getMinutes() };
}

/** How many bytes a second copies may take at this time, all together; 0: as many as they can. The first row that holds counts. */
export function bandwidthAt({ megabytesPerSecond, timetable }: BandwidthSetting, time: WallTime): number {
  const row = timetable.find((each) => holds(each, time));
  return Math.round((row ?? { megabytesPerSecond }).megabytesPerSecond * 1_000_000);
}

function holds(row: BandwidthSetting['timetable'][number], time: WallTime): boolean {
  const { from, to } = row;
  const days: readonly WallTime['weekday'][] = row.days ?? WEEKDAYS;
  const [start, end] = [minutesOf(from), minutesOf(to)];
  const today = days.includes(time.weekday);
  if (start < end) return today && time.minutes >= start && time.minutes < end;
  // Over midnight: the row belongs to the day it begins on.
  return (today && time.minutes >= start) || (days.includes(dayBefore(time.weekday)) && time.minutes < end);
}

function dayBefore(day: WallTime['weekday']): WallTime['weekday'] {
  return WEEKDAYS[(WEEKDAYS.indexOf(day) + WEEKDAYS.length - 1) % WEEKDAYS.length] ?? day;
}

function minutesOf(clockTime: string): number {
  const [hours = 0, minutes = 0] = clockTime.split(':').map(Number);
  return hours * 60 + minutes;
}
