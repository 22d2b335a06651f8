import { contentCandidates } from '../library/diff.ts';
import { moveCandidates } from '../library/moveCandidates.ts';
import { hashFiles } from '../library/hashFiles.ts';
import type { HashSelection } from '../library/hashSelection.ts';
import { scanRoot } from '../library/scanRoot.ts';
import type { Selection } from '../protocol/planFile.ts';
import type { HashReport, Progress } from '../protocol/values.ts';
import { type Lane, LANES_BEFORE } from '../queue/jobKinds.ts';
import type { JobContext, JobHandlers } from '../queue/jobHandlers.ts';
import type { JobPayload } from '../queue/jobKinds.ts';
import type { FileChange } from '../store/fileStore.ts';
import type { RootRow } from '../store/rootStore.ts';
import { applyJob } from './applyJob.ts';
import type { Core } from './core.ts';
import { diffOf } from './diffOf.ts';
import { generateJob } from './generateJob.ts';
import { logProblems } from './logProblems.ts';
import { makeWay } from './makeWay.ts';
import { requireRootById } from './requireRoot.ts';
import { trashJob } from './trashJob.ts';
import { verifyJob } from './verify.ts';
import { whileMounted } from './whileMounted.ts';

/** While files change the views are told about once a second. */
const HINT_MS = 1_000;

/** What each kind of job does; each kind has exactly one handler. What works on roots does so while they answer. */
export function jobHandlers(core: Core): JobHandlers {
  const works = workOf(core);
  return {
    scan: (payload, context) => onRoots(core, [payload.root], context, (held) => works.scan(payload, held)),
    hash: (payload, context) => {
      const roots = 'from' in payload ? [payload.from, payload.to] : [payload.root];
      return onRoots(core, roots, context, (held) => works.hash(payload, held));
    },
    verify: (payload, context) => onRoots(core, [payload.root], context, (held) => works.verify(payload, held)),
    apply: (payload, context) => {
      const { from, to } = core.store.plans.header(payload.plan);
      return onRoots(core, [from.id, to.id], context, (held) => works.apply(payload, held));
    },
    trash: (payload, context) => onRoots(core, [payload.root], context, (held) => works.trash(payload, held)),
    generate: works.generate,
  };
}

/** A root that is lost makes the job wait, though a thread of it may hang in a system call. */
function onRoots<T>(
  core: Core,
  ids: readonly string[],
  context: JobContext,
  work: (context: JobContext) => Promise<T>,
): Promise<T> {
  return whileMounted({
    roots: ids.flatMap((id) => core.store.roots.byId(id) ?? []),
    probe: (root) => core.mounts.probe(root),
    clock: core.clock,
    signal: context.signal,
    work: (signal) => work({ ...context, signal }),
  });
}

function workOf(core: Core): JobHandlers {
  return {
    async scan({ root: id, hash }, context) {
      const started = core.clock.now();
      const root = requireRootById(core, id);
      // The threads that will hash start while the scan walks.
      if (hash) core.hashing.warm();
      const scan = await scanRoot({
        root,
        store: core.store.files,
        ignore: core.settings().ignore,
        signal: context.signal,
        onProgress: withHints(core, context),
        clock: core.clock,
        makeWorker: core.makeScanWorker,
      });
      context.assertHeld();
      logProblems(context, scan.problems);
      core.store.roots.setScanned(root.key, core.clock.now());
      await core.portableHashes.take(root, scan.added + scan.changed > 0, context.signal);
      core.changed('roots', 'files');
      if (!hash) await core.portableHashes.write(root, context.signal);
      const hashes = hash
        ? await hashSelection(core, root, 'unhashed', { context, lanes: LANES_BEFORE.background })
        : undefined;
      return {
        name: root.name,
        ...scan,
        problems: [...scan.problems, ...(hashes?.problems ?? [])],
        hashed: hashes?.hashed ?? 0,
        hashedBytes: hashes?.hashedBytes ?? 0,
        ms: core.clock.now() - started,
      };
    },
    async hash(payload, context) {
      if (payload.scope === 'content' || payload.scope === 'moves') return hashPair(core, payload, context);
      const root = requireRootById(core, payload.root);
      if (payload.scope === 'paths') {
        return hashSelection(core, root, { paths: payload.paths }, { context, lanes: LANES_BEFORE.asked });
      }
      return hashSelection(core, root, 'unhashed', { context, lanes: LANES_BEFORE.background });
    },
    verify: (payload, context) => verifyJob(core, payload, context),
    apply: (payload, context) => applyJob(core, payload.plan, context),
    trash: (payload, context) => trashJob(core, payload, context),
    generate: (payload, context) => generateJob(core, payload, context),
  };
}

/** @param lanes while jobs of these run it stands still */
async function hashSelection(
  core: Core,
  root: RootRow,
  selection: HashSelection,
  { context, lanes }: { readonly context: JobContext; readonly lanes: readonly Lane[] },
): Promise<HashReport> {
  const told = withHints(core, context);
  try {
    const report = await makeWay(core, { lanes, context: { progress: told } }, (hold, onProgress) =>
      hashFiles({
        root,
        store: core.store.files,
        pool: core.hashing,
        selection,
        signal: context.signal,
        hold,
        onProgress: (progress) => {
          onProgress(progress);
          core.portableHashes.writeSometimes(root);
        },
        clock: core.clock,
      }),
    );
    logProblems(context, report.problems);
    return report;
  } finally {
    core.changed('files');
    await core.portableHashes.write(root, context.signal);
  }
}

async function hashPair(
  core: Core,
  payload: Extract<JobPayload<'hash'>, { scope: 'content' | 'moves' }>,
  context: JobContext,
): Promise<HashReport> {
  const sides = [requireRootById(core, payload.from), requireRootById(core, payload.to)] as const;
  // Both lists before the first hash: what one side's hashes change must not change what the other is asked for.
  const paths = payload.scope === 'content' ? contentPaths(core, sides) : movePaths(core, ...sides, payload.select);
  const total: HashReport = { hashed: 0, hashedBytes: 0, problems: [], ms: 0 };
  for (const [side, root] of sides.entries()) {
    // A plan waits for it.
    const report = await hashSelection(core, root, { paths: paths[side] ?? [] }, { context, lanes: [] });
    total.hashed += report.hashed;
    total.hashedBytes += report.hashedBytes;
    total.problems.push(...report.problems);
    total.ms += report.ms;
  }
  return total;
}

function contentPaths(core: Core, sides: readonly [RootRow, RootRow]): readonly [string[], string[]] {
  const { from, to } = contentCandidates(core.store.diffs, ...sides);
  const all = (pages: Iterable<FileChange[]>): string[] =>
    [...pages].flatMap((page) => page.map((file) => file.relpath));
  return [all(from), all(to)];
}

function movePaths(
  core: Core,
  from: RootRow,
  to: RootRow,
  select: Selection | undefined,
): readonly [string[], string[]] {
  const candidates = moveCandidates(diffOf(core, from, to, { select }));
  return [candidates.from, candidates.to];
}

/** Reports progress, and now and then that the files are others now. */
function withHints(core: Core, context: JobContext): (progress: Progress) => void {
  let hinted = core.clock.now();
  return (progress) => {
    context.progress(progress);
    if (core.clock.now() - hinted < HINT_MS) return;
    hinted = core.clock.now();
    core.changed('files');
  };
}
