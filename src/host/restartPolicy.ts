/** Restarts granted within the window; one crash more and a person has to look. */
export const MAX_RESTARTS = 3;
export const RESTART_WINDOW_MS = 5 * 60_000;

/**
 * Whether an engine that just crashed may start again by itself.
 * @param crashes times of the crashes so far in ms, this one included, oldest first
 */
export function mayRestart(crashes: readonly number[], now: number): boolean {
  return crashes.filter((time) => now - time < RESTART_WINDOW_MS).length <= MAX_RESTARTS;
}
