import { LakesideError } from '../base/errors.ts';

/** This window's code is older than the database: what it would write, newer code might misread. */
export function reloadNeededError(): LakesideError {
  const sentence = 'Another window runs a newer Lakeside on this data folder. Reload this window to go on.';
  return new LakesideError('RELOAD_NEEDED', 'infra', sentence);
}
