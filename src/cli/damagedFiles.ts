import { formatCount } from '../base/format.ts';
import { wholeCopies } from '../base/wholeCopies.ts';
import { printable } from './table.ts';
import type { Session } from './session.ts';

/** A person gets so many of a root by name. */
const MAX_NAMED = 20;

/** Names the files of roots that verifying found damaged, each with where a whole copy is. */
export async function noteDamaged({ call, terminal }: Session, roots: readonly string[]): Promise<void> {
  for (const root of roots) {
    const { files, next } = await call('library.rotten', { root, limit: MAX_NAMED });
    for (const { path, copies } of files) {
      terminal.note(`${root}: ${printable(path)} is damaged. ${printable(wholeCopies(copies))}`);
    }
    if (next !== undefined) terminal.note(`… and perhaps more of ${root}, after the first ${formatCount(MAX_NAMED)}.`);
    if (files.length > 0) {
      terminal.note(
        `A plan to ${root} from a root that holds such a file whole in the same place replaces it. After replacing one by hand: lakeside verify ${root} PATH`,
      );
    }
  }
}
