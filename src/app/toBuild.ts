import { LakesideError } from '../base/errors.ts';

/** Stands for a use case of the registry that is being built. */
export function toBuild(): never {
  throw new LakesideError('NOT_BUILT', 'unknown', 'This is being built.');
}
