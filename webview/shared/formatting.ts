/** Words and figures of panels. English, so that they fit the sentences around them. */

const integers = new Intl.NumberFormat('en');
const oneDecimal = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const dateAndTime = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const exactTime = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'medium' });

const BYTE_UNITS = ['KB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Bytes in units of 1,024, as file managers on Windows show them: `6.5 GB`, `812 B`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  let value = bytes;
  let unit = '';
  for (const next of BYTE_UNITS) {
    value /= 1024;
    unit = next;
    // 1,023.96 would round up to a fourth digit; the next unit says it better.
    if (value < 999.5) break;
  }
  return `${value < 99.95 ? oneDecimal.format(value) : integers.format(Math.round(value))} ${unit}`;
}

/** `6,979,321,856 bytes` */
export function formatExactBytes(bytes: number): string {
  return `${integers.format(bytes)} ${bytes === 1 ? 'byte' : 'bytes'}`;
}

export function formatCount(count: number): string {
  return integers.format(count);
}

/** `1 step`, `1,234 steps` */
export function formatCountOf(count: number, singular: string, plural = `${singular}s`): string {
  return `${integers.format(count)} ${count === 1 ? singular : plural}`;
}

/** Milliseconds as the two largest units that matter: `45 s`, `3 min 20 s`, `1 h 12 min`, `2 d 3 h`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return 'less than a second';
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return joinUnits(minutes, 'min', seconds % 60, 's');
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return joinUnits(hours, 'h', minutes % 60, 'min');
  return joinUnits(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function joinUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** `210 MB/s` */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(Math.round(bytesPerSecond))}/s`;
}

/** Local time: `3 Mar 2025, 14:02` */
export function formatTime(timeMs: number): string {
  return dateAndTime.format(timeMs);
}

/** Local time to the second: `3 March 2025 at 14:02:11` */
export function formatExactTime(timeMs: number): string {
  return exactTime.format(timeMs);
}
