import { rootTitle } from '../base/rootTitle.ts';
import { contentCandidates, requireComparable } from '../library/diff.ts';
import { moveCandidates } from '../library/moveCandidates.ts';
import type { Selection } from '../protocol/planFile.ts';
import type { JobPayload } from '../queue/jobKinds.ts';
import type { RootRow } from '../store/rootStore.ts';
import type { Core } from './core.ts';
import { diffOf } from './diffOf.ts';

export interface PairQuestions {
  /** What only content can decide is hashed. */
  readonly content?: boolean;
  /** What tells which files moved is hashed. */
  readonly findMoves?: boolean;
  readonly select?: Selection | undefined;
}

/** Hashes, as a job that is awaited, what a comparison needs to know beside the index; nothing when all is known. */
export async function hashForPair(
  core: Core,
  from: RootRow,
  to: RootRow,
  { content = false, findMoves = false, select }: PairQuestions,
  signal: AbortSignal,
): Promise<void> {
  requireComparable(from, to);
  const names = `${rootTitle(from.name)} and ${rootTitle(to.name)}`;
  const pair = { from: from.id, to: to.id };
  const run = async (title: string, payload: JobPayload<'hash'>, dedupeKey: string): Promise<void> => {
    await Promise.all([core.mounts.require(from), core.mounts.require(to)]);
    const job = await core.submit({ kind: 'hash', title, payload, roots: [from.id, to.id], dedupeKey });
    await core.outcome(job.id, signal);
  };
  if (content) {
    if (!needsContent(core, from, to)) return;
    await run(`Compare ${names} by content`, { scope: 'content', ...pair }, `hash content ${from.id} ${to.id}`);
    // That decides the moves, too.
  } else if (findMoves) {
    const candidates = moveCandidates(diffOf(core, from, to, { select }));
    if (candidates.from.length + candidates.to.length === 0) return;
    await run(
      `Find what moved between ${names}`,
      { scope: 'moves', ...pair, ...(select === undefined ? {} : { select }) },
      `hash moves ${from.id} ${to.id} ${JSON.stringify(select ?? null)}`,
    );
  }
}

function needsContent({ store }: Core, from: RootRow, to: RootRow): boolean {
  const candidates = contentCandidates(store.diffs, from, to);
  return [...firstOf(candidates.from), ...firstOf(candidates.to)].length > 0;
}

function* firstOf<T>(pages: Iterable<T[]>): Generator<T> {
  for (const page of pages) {
    yield* page.slice(0, 1);
    return;
  }
}
