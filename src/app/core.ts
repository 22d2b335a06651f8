import type { Clock } from '../base/clock.ts';
import type { Event } from '../base/events.ts';
import type { Log } from '../base/log.ts';
import type { SecretMask } from '../base/secretMask.ts';
import type { CHANGE_TOPICS, Preview } from '../protocol/engineEvents.ts';
import type { Settings } from '../protocol/settings.ts';
import type { Job, JobState, Progress, WorkKind } from '../protocol/values.ts';
import type { JobPayload } from '../queue/jobKinds.ts';
import type { IoPool } from '../library/ioPool.ts';
import type { MakeScanWorker } from '../library/scanThreads.ts';
import type { QueueRunner } from '../queue/queueRunner.ts';
import type { ProviderRegistry } from '../studio/providers/registry.ts';
import type { SidecarUpdates } from '../studio/runs/sidecarUpdates.ts';
import type { BandwidthLimit } from '../transfer/bandwidthLimit.ts';
import type { Store } from '../store/store.ts';
import type { ImagePool } from '../studio/imagePool.ts';
import type { Mounts } from './mounts.ts';
import type { PortableHashes } from './portableHashes.ts';
import type { RootSpaces } from './rootSpaces.ts';

export type Topic = (typeof CHANGE_TOPICS)[number];

export interface NewJobOptions<K extends WorkKind> {
  readonly kind: K;
  readonly title: string;
  readonly payload: JobPayload<K>;
  /** Ids of the roots that must be mounted. */
  readonly roots: readonly string[];
  /** What else a process must have to run it: `provider:<name>`, `trust:` for a trusted workspace. */
  readonly needs?: readonly string[];
  /** By default a new one. */
  readonly id?: string;
  /** Id of the work item it is for. */
  readonly workItem?: string;
  /** Asking again while a job with it is active gives that job. */
  readonly dedupeKey: string;
  readonly priority?: number;
  /** How much there is to do, where that is known before it begins. */
  readonly progress?: Progress;
}

/** What the use cases stand on; put together in engine.ts. */
export interface Core {
  readonly version: string;
  readonly dataDir: string;
  /** This process, for a person: `a window (process 4711)`. */
  readonly who: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly mounts: Mounts;
  readonly rootSpaces: RootSpaces;
  readonly makeScanWorker: MakeScanWorker;
  /** Threads that hash. */
  readonly hashing: IoPool;
  /** Threads that copy, move and remove: their own, so that a long hash keeps no copy waiting. */
  readonly transfers: IoPool;
  /** A thread for looks that must not wait behind copies. */
  readonly looking: IoPool;
  /** How fast they may be, all together. */
  readonly bandwidth: BandwidthLimit;
  /** The hashes that lie beside the roots, for other machines and data dirs. */
  readonly portableHashes: PortableHashes;
  /** The thread that decodes and encodes images. */
  readonly images: ImagePool;
  /** The ways to make an image that are set up here. */
  readonly providers: ProviderRegistry;
  /** Brings the sidecars of judged images up to date. */
  readonly sidecars: SidecarUpdates;
  readonly queue: QueueRunner;
  readonly onChanged: Event<readonly Topic[]>;
  settings(): Settings;
  configure(settings: Settings): void;
  /** Whether programs of the person's may be run: the workspace of this window is trusted. */
  trusted(): boolean;
  setTrusted(trusted: boolean): void;
  /** A key for an outside service, by the name of the provider that needs it; undefined where there is none. */
  secret(name: string): Promise<string | undefined>;
  /** Takes the secrets that were given out of what is told or kept. */
  readonly secrets: SecretMask;
  /** Tells of a picture of what is being made. */
  preview(preview: Preview): void;
  /** Grows with every change of the file index, by whichever process. */
  indexRevision(): number;
  newId(): string;
  /** An id for a row of the studio: lower case, short, sorts by the time it was made; it names folders. */
  newStudioId(): string;
  /** Newer code has changed the database: this window must be reloaded before it may go on. */
  reloadNeeded(): boolean;
  /** Tells every view that something under these topics is different. */
  changed(...topics: Topic[]): void;
  /** As submit, within a transaction; afterwards `changed('jobs')`, and the queue is to be poked. */
  add<K extends WorkKind>(job: NewJobOptions<K>): Job;
  /** Adds a job to the queue, or gives the active one with the same dedupe key. */
  submit<K extends WorkKind>(job: NewJobOptions<K>): Promise<Job>;
  /** Puts jobs under one parent; undefined where fewer than two of them can be. */
  group(title: string, ids: readonly string[]): Promise<Job | undefined>;
  /** Waits for a condition, looking again at every change; false after `timeoutMs`. Rejects when aborted or closed. */
  until(condition: () => boolean, timeoutMs: number, signal: AbortSignal): Promise<boolean>;
  /** The job's end, for a use case that needs its result. Canceling the call cancels the job. */
  outcome(jobId: string, signal: AbortSignal): Promise<Job & { readonly status: Extract<JobState, 'succeeded'> }>;
}
