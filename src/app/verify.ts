import { LakesideError } from '../base/errors.ts';
import { formatQuantity } from '../base/format.ts';
import { rootTitle } from '../base/rootTitle.ts';
import { wholeCopies } from '../base/wholeCopies.ts';
import { withoutNested } from '../library/hashSelection.ts';
import { verifyFiles } from '../library/verifyFiles.ts';
import type { Problem, VerifyReport } from '../protocol/values.ts';
import { type JobPayload, LANES_BEFORE } from '../queue/jobKinds.ts';
import type { JobContext } from '../queue/jobHandlers.ts';
import { retryWhileBusy } from '../store/busyRetry.ts';
import type { RootRow } from '../store/rootStore.ts';
import type { Core } from './core.ts';
import type { Implementations } from './implementations.ts';
import { logProblems } from './logProblems.ts';
import { makeWay } from './makeWay.ts';
import { requireRoot, requireRootById } from './requireRoot.ts';

const COPIES_SHOWN = 5;

export function verifyUseCases(core: Core): Pick<Implementations, 'library.verify' | 'library.rotten'> {
  const { verified } = core.store;
  return {
    'library.verify': async ({ root: name, paths, samplePercent }) => {
      const root = requireRoot(core, name);
      await core.mounts.require(root);
      const chosen = paths === undefined ? undefined : withoutNested(paths.map((path) => knownPath(core, root, path)));
      const job = await core.submit({
        kind: 'verify',
        title: verifyTitle(root, chosen, samplePercent),
        payload: {
          root: root.id,
          ...(chosen === undefined ? {} : { paths: chosen }),
          ...(samplePercent === undefined ? {} : { samplePercent }),
          seed: core.newId(),
        },
        roots: [root.id],
        dedupeKey: `verify ${root.id} ${samplePercent ?? 100} ${chosen === undefined ? '' : JSON.stringify(chosen)}`,
        // Nobody waits for it.
        priority: -1,
      });
      return { job: job.id };
    },
    'library.rotten': ({ root: name, after, limit }) => {
      const rows = verified.rotten(requireRoot(core, name).key, after ?? '', limit);
      const last = rows.at(-1);
      return {
        files: rows.map(({ relpath, size, mtimeMs, expected, found, foundAt }) => ({
          path: relpath,
          size,
          mtimeMs,
          expected: expected.toString('hex'),
          found: found.toString('hex'),
          foundAt,
          copies: verified.copiesOf(expected, COPIES_SHOWN),
        })),
        ...(rows.length === limit && last !== undefined ? { next: last.relpath } : {}),
      };
    },
  };
}

/** A path as it stands in the index; throws PATH_UNKNOWN. */
function knownPath(core: Core, root: RootRow, typed: string): string {
  const path = typed.replace(/\/+$/, '');
  const { files } = core.store;
  const known = files.get(root.key, path) !== undefined || files.page(root.key, { folder: path, limit: 1 }).length > 0;
  if (known) return path;
  throw new LakesideError(
    'PATH_UNKNOWN',
    'validation',
    `The index knows nothing at ${path} in ${rootTitle(root.name)}. Name a file or folder by its path in the root, or scan.`,
    { context: { root: root.name, path } },
  );
}

function verifyTitle(root: RootRow, paths: readonly string[] | undefined, samplePercent: number | undefined): string {
  const of = rootTitle(root.name);
  const part = samplePercent === undefined || samplePercent === 100 ? '' : `${samplePercent} % of `;
  if (paths === undefined) return `Verify ${part}${of}`;
  const [only] = paths;
  const what = paths.length === 1 && only !== undefined ? only : formatQuantity(paths.length, 'item');
  return `Verify ${part}${what} of ${of}`;
}

/** Says where whole copies of a damaged file are: only when all was read is it known which of them are whole. */
function withCopies({ store: { verified } }: Core, root: RootRow, problem: Problem): Problem {
  const expected = verified.expectedOf(root.key, problem.path);
  if (expected === undefined) return problem;
  return { ...problem, message: `${problem.message} ${wholeCopies(verified.copiesOf(expected, COPIES_SHOWN))}` };
}

/** The handler of `verify`. */
export async function verifyJob(core: Core, payload: JobPayload<'verify'>, context: JobContext): Promise<VerifyReport> {
  const { store, clock } = core;
  const root = requireRootById(core, payload.root);
  const { paths = [''], samplePercent: percent = 100, seed } = payload;
  try {
    const report = await makeWay(core, { lanes: LANES_BEFORE.verify, context }, (hold, onProgress) =>
      verifyFiles({
        root,
        files: store.files,
        verified: store.verified,
        pool: core.hashing,
        selection: { paths, percent, seed },
        jobKey: context.lease.key,
        signal: context.signal,
        clock,
        hold,
        onProgress,
        isHeld: () => store.leases.holds(context.lease),
      }),
    );
    report.problems = report.problems.map((problem) =>
      problem.code === 'BIT_ROT' ? withCopies(core, root, problem) : problem,
    );
    logProblems(context, report.problems);
    await retryWhileBusy(() => {
      if (paths.includes('') && percent === 100) store.verified.setVerified(root.key, clock.now());
      store.verified.forgetReplaced(root.key);
      store.verified.forgetCursor(context.lease.key);
    }, clock);
    return report;
  } finally {
    core.changed('roots', 'files');
  }
}
