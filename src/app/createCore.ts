import { randomBytes, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

import type { Clock } from '../base/clock.ts';
import { type Disposable, DisposableStore, toDisposable } from '../base/disposables.ts';
import { Emitter } from '../base/events.ts';
import { canceledError, LakesideError, toLakesideError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { SecretMask } from '../base/secretMask.ts';
import type { IoPool } from '../library/ioPool.ts';
import type { MakeScanWorker } from '../library/scanThreads.ts';
import { CHANGE_TOPICS, type JobProgress, type Preview } from '../protocol/engineEvents.ts';
import { defaultSettings, type Settings } from '../protocol/settings.ts';
import { isOver, type Job } from '../protocol/values.ts';
import { laneOf } from '../queue/jobKinds.ts';
import { thisProcess } from '../queue/leaseOwner.ts';
import { describeWorker, QueueRunner } from '../queue/queueRunner.ts';
import { retryWhileBusy } from '../store/busyRetry.ts';
import type { WorkerRole } from '../store/queueStore.ts';
import type { Store } from '../store/store.ts';
import type { ImagePool } from '../studio/imagePool.ts';
import { makeStudioId } from '../studio/makeStudioId.ts';
import { ProviderRegistry } from '../studio/providers/registry.ts';
import { SidecarUpdates } from '../studio/runs/sidecarUpdates.ts';
import { BandwidthLimit } from '../transfer/bandwidthLimit.ts';
import { cancelJob } from './cancelJob.ts';
import type { Core, Topic } from './core.ts';
import { isHeldUp, withHold } from './heldJobs.ts';
import { jobHandlers } from './jobHandlers.ts';
import { Mounts } from './mounts.ts';
import { PortableHashes } from './portableHashes.ts';
import { reloadNeededError } from './reloadNeededError.ts';
import { RootSpaces } from './rootSpaces.ts';
import { waitUntil } from './waitUntil.ts';

/** How often other processes' writes are looked for: every window sees them within a second. */
const POLL_MS = 400;
/** Hints are gathered so long before they go out. */
const GATHER_MS = 40;
const DAY_MS = 86_400_000;

export interface CoreOptions {
  readonly version: string;
  readonly dataDir: string;
  readonly role: WorkerRole;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly makeScanWorker: MakeScanWorker;
  readonly hashing: IoPool;
  readonly transfers: IoPool;
  readonly looking: IoPool;
  readonly images: ImagePool;
  readonly onChanged: (topics: readonly Topic[]) => void;
  readonly onProgress: (progress: JobProgress) => void;
  readonly onPreview: (preview: Preview) => void;
  readonly awaitsSettings: boolean;
  readonly secrets: SecretMask;
  readonly secret: (name: string) => Promise<string | undefined>;
  readonly onNotice: (notice: { level: 'info' | 'warning' | 'error'; code: string; message: string }) => void;
}

const UNTRUSTED =
  'It changes files or runs a program, which is not done in a workspace that is not trusted. Trust the workspace, or open one that is.';

const NOT_IN_BACKGROUND = 'Images are made while VS Code is open. Open it, and this goes on.';

function providerMissing(name: string): string {
  return `The provider "${name}" is not set up here. Set it up again, or cancel this.`;
}

function pausedSentence({ title, waitingFor = 'It is paused.' }: Job): string {
  return `${title} does not go on. ${waitingFor} Resume it, then ask again.`;
}

/** Puts the core together. Disposing stops its timers; the queue is stopped by its owner. */
export function createCore(options: CoreOptions): Core & Disposable {
  const { store, clock, log } = options;
  const owned = new DisposableStore();
  const changes = owned.add(new Emitter<readonly Topic[]>());
  /** The same changes, at once and for this process alone: hints to views are gathered first. */
  const noted = owned.add(new Emitter<void>());
  const closing = new AbortController();
  const gathered = new Set<Topic>();
  const schemaVersion = store.schemaVersion();
  let settings = defaultSettings();
  let trusted = true;
  let configured = !options.awaitsSettings;
  let dataVersion = store.dataVersion();
  let foreignWrites = 0;
  let reloadNeeded = false;
  let gatherTimer: Disposable | undefined;

  const queue = new QueueRunner({
    jobs: store.jobs,
    leases: store.leases,
    queue: store.queue,
    role: options.role,
    hideSecrets: (text) => options.secrets.hide(text),
    // The handlers need the core, which needs the queue: they are looked up when a job runs.
    handlers: {
      scan: (payload, context) => jobHandlers(core).scan(payload, context),
      hash: (payload, context) => jobHandlers(core).hash(payload, context),
      verify: (payload, context) => jobHandlers(core).verify(payload, context),
      apply: (payload, context) => jobHandlers(core).apply(payload, context),
      trash: (payload, context) => jobHandlers(core).trash(payload, context),
      generate: (payload, context) => jobHandlers(core).generate(payload, context),
    },
    clock,
    owner: thisProcess(randomUUID()),
    soleEngine: true,
    settings: () => ({ concurrency: settings['queue.concurrency'], retryCount: settings['queue.retryCount'] }),
    lacks,
    random: Math.random,
    onChange: () => changed('jobs'),
    onProgress: options.onProgress,
    onError: report,
  });

  function report(error: unknown): void {
    const { code, message } = toLakesideError(error);
    log.write({ level: 'error', message, data: { code } });
  }

  /** Clears the history in the background: nobody waits for it, and another process may hold the write lock. */
  async function forgetOlderThan(oldest: number): Promise<void> {
    while ((await retryWhileBusy(() => store.jobs.clearSome({ finishedBefore: oldest }), clock)).more);
    await retryWhileBusy(() => store.answers.clearOlderThan(clock.now() - DAY_MS), clock);
    await store.plans.removeOlderThan(oldest);
  }

  async function lacks(need: string): Promise<string | undefined> {
    const [kind, id = ''] = need.split(':', 2);
    if (!configured && kind !== 'root') return 'The settings are not known yet.';
    if (kind === 'provider' && options.role === 'background') return NOT_IN_BACKGROUND;
    if (kind === 'provider') return core.providers.find(id) === undefined ? providerMissing(id) : undefined;
    if (kind === 'trust') return trusted ? undefined : UNTRUSTED;
    if (kind !== 'root') return `This Lakeside does not know what "${need}" is. Update it.`;
    const root = store.roots.byId(id);
    if (root === undefined) return undefined; // Removed meanwhile: the handler says so and fails.
    const probe = await core.mounts.probe(root);
    return probe.mounted ? undefined : probe.problem.message;
  }

  function changed(...topics: Topic[]): void {
    // Who waits here for a job to end need not wait until the hints are gathered.
    queueMicrotask(() => noted.fire());
    if (gathered.size === 0) {
      gatherTimer = clock.after(GATHER_MS, () => {
        const list = [...gathered];
        gathered.clear();
        options.onChanged(list);
        changes.fire(list);
      });
    }
    for (const topic of topics) gathered.add(topic);
  }

  /** Notices what other processes wrote, also that a newer Lakeside changed the schema. */
  function lookForForeignWrites(): void {
    const version = store.dataVersion();
    if (version === dataVersion) return;
    dataVersion = version;
    foreignWrites++;
    if (!reloadNeeded && store.schemaVersion() !== schemaVersion) {
      reloadNeeded = true;
      queue.dispose();
      const { code, message } = reloadNeededError();
      options.onNotice({ level: 'warning', code, message });
    }
    changed(...CHANGE_TOPICS);
    queue.poke();
  }

  function poll(): void {
    lookForForeignWrites();
    pollTimer = clock.after(POLL_MS, poll);
  }
  let pollTimer = clock.after(POLL_MS, poll);
  owned.add(
    toDisposable(() => {
      closing.abort();
      pollTimer.dispose();
      gatherTimer?.dispose();
    }),
  );

  const core: Core = {
    version: options.version,
    dataDir: options.dataDir,
    who: describeWorker(options.role, process.pid),
    store,
    clock,
    log,
    makeScanWorker: options.makeScanWorker,
    hashing: options.hashing,
    transfers: options.transfers,
    bandwidth: new BandwidthLimit({
      clock,
      setting: () => settings['transfer.bandwidth'],
      processes: () => store.leases.holdersIn(['transfer']),
    }),
    looking: options.looking,
    images: options.images,
    portableHashes: new PortableHashes({ store, clock, log, newId: randomUUID }),
    providers: new ProviderRegistry({ settings, clock, images: options.images, secret: options.secret }),
    sidecars: new SidecarUpdates(store.images, report),
    queue,
    mounts: new Mounts(clock),
    rootSpaces: new RootSpaces(clock),
    onChanged: changes.event,
    settings: () => settings,
    configure(next: Settings) {
      // Who watches a root, and what of it, hangs on these.
      const watching = ['watch.mode', 'ignore'] as const;
      const watchesOtherwise = watching.some((name) => !isDeepStrictEqual(settings[name], next[name]));
      settings = next;
      configured = true;
      core.providers.configure(next);
      if (watchesOtherwise) changed('roots');
      options.hashing.resize(next['hash.threads']);
      options.transfers.resize(next['transfer.parallelFiles']);
      const oldest = clock.now() - next['queue.historyDays'] * DAY_MS;
      // An engine that ends meanwhile leaves it to the next one.
      forgetOlderThan(oldest).catch((error: unknown) => owned.isDisposed || report(error));
      queue.poke();
    },
    trusted: () => trusted,
    setTrusted(next) {
      if (trusted === next) return;
      trusted = next;
      queue.poke();
    },
    secret: options.secret,
    secrets: options.secrets,
    preview: options.onPreview,
    reloadNeeded: () => reloadNeeded,
    indexRevision() {
      lookForForeignWrites();
      return foreignWrites + store.files.writes + store.verified.writes;
    },
    newId: () => randomUUID(),
    newStudioId: () => makeStudioId(clock.now(), randomBytes(7)),
    changed,
    add(job) {
      if (reloadNeeded) throw reloadNeededError();
      return store.jobs.add({
        id: job.id ?? core.newId(),
        kind: job.kind,
        title: job.title,
        lane: laneOf(job.kind, job.payload),
        payload: job.payload,
        needs: [...job.roots.map((id) => `root:${id}`), ...(job.needs ?? [])],
        dedupeKey: job.dedupeKey,
        priority: job.priority ?? 0,
        workItem: job.workItem,
        progress: job.progress,
        now: clock.now(),
      }).job;
    },
    async submit(job) {
      const added = await retryWhileBusy(() => core.add(job), clock);
      changed('jobs');
      queue.poke();
      return added;
    },
    async group(title, parts) {
      const group = await retryWhileBusy(
        () => store.jobs.addGroup({ id: core.newId(), title, parts, now: clock.now() }),
        clock,
      );
      changed('jobs');
      return group;
    },
    until: (condition, timeoutMs, signal) =>
      waitUntil({ condition, changes: noted.event, timeoutMs, clock, signal, closing: closing.signal }),
    async outcome(jobId, signal) {
      const get = (): Job => {
        const job = store.jobs.get(jobId);
        if (job === undefined) throw new LakesideError('JOB_NOT_FOUND', 'validation', 'The job was cleared meanwhile.');
        return withHold(job, store.queue.holds());
      };
      try {
        while (!(await core.until(() => isOver(get().status) || isHeldUp(get()), 3_600_000, signal)));
      } catch (error) {
        if (signal.aborted) cancelJob(core, jobId);
        throw error;
      }
      const job = get();
      if (job.status === 'succeeded') return { ...job, status: job.status };
      if (job.status === 'canceled') throw canceledError(job.title);
      if (job.error !== undefined) throw LakesideError.fromShape(job.error);
      if (job.status !== 'waiting') throw new LakesideError('JOB_PAUSED', 'policy', pausedSentence(job));
      throw new LakesideError('ROOT_NOT_MOUNTED', 'infra', job.waitingFor ?? `${job.title} has to wait.`, {
        retryable: true,
      });
    },
  };
  return Object.assign(core, { dispose: () => owned.dispose() });
}
