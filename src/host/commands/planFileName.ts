import { PLAN_SUFFIX, type PlanHeader } from '../../protocol/planFile.ts';

/**
 * `2026-01-31-090503-mirror-lake-to-local.lakeplan.json`: sorts by time and can be a name on every file system.
 * @param time shown in the person's own time zone
 */
export function planFileName(kind: PlanHeader['kind'], from: string, to: string, time: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join('');
  return `${day}-${clock}-${kind}-${slug(from)}-to-${slug(to)}${PLAN_SUFFIX}`;
}

function slug(rootName: string): string {
  return rootName.replaceAll(/[ .]+/g, '-').replace(/-$/, '').slice(0, 40);
}
