import { join } from 'node:path';
import { parentPort, type Worker, workerData } from 'node:worker_threads';
import * as z from 'zod';

import type { Core } from './app/core.ts';
import { createCore } from './app/createCore.ts';
import { createImplementations } from './app/createImplementations.ts';
import { Dispatcher } from './app/dispatcher.ts';
import { finishInBackground } from './app/finishInBackground.ts';
import { keepRunsSettled } from './app/keepRunsSettled.ts';
import { serveEngine } from './app/engineServer.ts';
import { purgeOldTrash } from './app/purgeOldTrash.ts';
import { type Clock, systemClock } from './base/clock.ts';
import { DisposableStore } from './base/disposables.ts';
import { Emitter, type Event } from './base/events.ts';
import { LakesideError, toLakesideError } from './base/errors.ts';
import { migrationsDir, nativeFile } from './base/installation.ts';
import { FileLog, type LogEntry } from './base/log.ts';
import { IoPool, newIoWorker } from './library/ioPool.ts';
import { newScanWorker } from './library/scanThreads.ts';
import { isNetworkPath } from './library/networkPath.ts';
import { watchMounts } from './library/watchMounts.ts';
import { SecretMask } from './base/secretMask.ts';
import type { EngineEvents, EngineHostContract } from './protocol/engineContract.ts';
import type { Remote } from './protocol/rpc.ts';
import { defaultSettings } from './protocol/settings.ts';
import type { CallUseCase } from './protocol/useCases.ts';
import type { WorkerRole } from './store/queueStore.ts';
import { Store } from './store/store.ts';
import { ImagePool } from './studio/imagePool.ts';

/** Threads that were started before the engine, idle and not keeping the process alive; it takes them as it needs some. */
export interface StartedThreads {
  /** Run `library/scanWorker`. */
  readonly scan: Worker[];
  /** Run `library/ioWorker`. */
  readonly hash: Worker[];
}

export interface EngineOptions {
  /** Absolute path of the data dir. */
  readonly dataDir: string;
  readonly version: string;
  /** Whether it claims jobs; a process that only asks, such as `lakeside diff`, leaves them to others. */
  readonly runQueue: boolean;
  /** Whose engine it is; by default a command's. */
  readonly role?: WorkerRole;
  /** Whether it listens for changes of files. */
  readonly watch: boolean;
  /** A key for an outside service, by the name of the provider that needs it; undefined where there is none. */
  readonly secret?: ((name: string) => Promise<string | undefined>) | undefined;
  /**
   * Whether settings are still to come by `engine.configure`: until then no images are made, since with other servers, and
   * without knowing of trust, what an earlier process sent would be looked for in the wrong place.
   */
  readonly awaitsSettings?: boolean;
  readonly startedThreads?: StartedThreads | undefined;
  readonly clock?: Clock;
}

export interface Engine {
  readonly call: CallUseCase;
  readonly dispatcher: Dispatcher;
  on<K extends keyof EngineEvents>(event: K): Event<EngineEvents[K]>;
  /**
   * Puts running jobs back into the queue, ends the threads, closes the database.
   * @param options `handOver`: the window closes, and a process of its own may go on with the queue
   */
  close(options?: { readonly handOver?: boolean }): Promise<void>;
}

/** Starts the core on a data dir: in a worker thread of the extension host, or in process (command line, tests). */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const { dataDir, startedThreads, clock = systemClock } = options;
  const hashing = new IoPool({ makeWorker: () => startedThreads?.hash.shift() ?? newIoWorker() });
  const looking = new IoPool({ threads: 1 });
  const transfers = new IoPool({ threads: defaultSettings()['transfer.parallelFiles'] });
  const images = new ImagePool({ dataDir, clock });
  const store = await Store.open({
    dataDir,
    migrationsDir,
    nativeBinding: nativeFile('better-sqlite3.node'),
    clock,
    isNetworkPath,
  });
  const secrets = new SecretMask();
  const owned = new DisposableStore();
  const events: { readonly [K in keyof EngineEvents]: Emitter<EngineEvents[K]> } = {
    changed: owned.add(new Emitter<EngineEvents['changed']>()),
    progress: owned.add(new Emitter<EngineEvents['progress']>()),
    preview: owned.add(new Emitter<EngineEvents['preview']>()),
    notice: owned.add(new Emitter<EngineEvents['notice']>()),
    log: owned.add(new Emitter<EngineEvents['log']>()),
  };
  const file = new FileLog(join(dataDir, 'logs'), clock, () => core.settings()['log.level']);
  const log = {
    write(entry: LogEntry): void {
      file.write(entry, (line) => secrets.hide(line));
      const message = secrets.hide(entry.message);
      const data = entry.data === undefined ? {} : { data: secrets.hide(JSON.stringify(entry.data)) };
      events.log.fire({ level: entry.level, message, ...data });
    },
  };
  const core = createCore({
    version: options.version,
    dataDir,
    role: options.role ?? 'command',
    store,
    clock,
    log,
    makeScanWorker: () => startedThreads?.scan.shift() ?? newScanWorker(),
    hashing,
    transfers,
    looking,
    images,
    onChanged: (topics) => events.changed.fire({ topics: [...topics] }),
    onProgress: (progress) => events.progress.fire(progress),
    onPreview: (preview) => events.preview.fire(preview),
    awaitsSettings: options.awaitsSettings ?? false,
    secrets,
    async secret(name) {
      // A key out of a file brings the end of its line.
      const secret = (await options.secret?.(name))?.trim();
      if (secret !== undefined) secrets.remember(secret);
      return secret;
    },
    onNotice: (notice) => events.notice.fire(notice),
  });
  const dispatcher = new Dispatcher({ implementations: createImplementations(core), answers: store.answers, clock });
  if (options.watch) {
    // Loaded when it is wanted: the command line's whole run is shorter than loading the watcher.
    const { watchRoots } = await import('./app/watchRoots.ts');
    owned.add(watchRoots(core));
    owned.add(purgeOldTrash(core));
    owned.add(
      watchMounts({
        roots: () => store.roots.list(),
        probe: (root) => core.mounts.probe(root),
        clock,
        onChange: () => {
          core.changed('roots', 'jobs');
          core.queue.poke();
        },
        onError: (error) => log.write({ level: 'warn', message: toLakesideError(error).message }),
      }),
    );
  }
  if (options.runQueue && options.role === 'background' && !(await core.queue.join())) {
    core.dispose();
    await Promise.all([hashing.close(), transfers.close(), images.close()]);
    store.close();
    throw new LakesideError(
      'BACKGROUND_RUNS',
      'policy',
      'Another process finishes the queue in the background already.',
    );
  }
  if (options.runQueue) owned.add(keepRunsSettled(core));
  if (options.runQueue) core.queue.start();
  return {
    call: dispatcher.call,
    dispatcher,
    on: (event) => events[event].event,
    async close({ handOver = false } = {}) {
      owned.dispose();
      // First of all, since nobody knows how much time is left.
      if (handOver) await handOverQueue(core);
      await core.queue.stop();
      await core.sidecars.close();
      await core.portableHashes.close();
      core.dispose();
      await Promise.all([hashing.close(), transfers.close(), looking.close(), images.close()]);
      store.close();
    },
  };
}

async function handOverQueue(core: Core): Promise<void> {
  try {
    const pid = await finishInBackground(core);
    if (pid !== undefined) core.log.write({ level: 'info', message: `Process ${pid} finishes the queue.` });
  } catch (error) {
    const { code, message } = toLakesideError(error);
    core.log.write({ level: 'error', message: `The queue is left to the next window. ${message}`, data: { code } });
  }
}

const workerDataSchema = z.object({ dataDir: z.string(), version: z.string() });

/** In a worker thread that was started as an engine: serve, or say why not and end. */
async function runAsWorker(): Promise<void> {
  const started = workerDataSchema.safeParse(workerData);
  if (parentPort === null || !started.success) return;
  try {
    // The host can be asked once the engine serves it, which jobs may be quicker than.
    const host = Promise.withResolvers<Remote<EngineHostContract>>();
    const secret = async (name: string): Promise<string | undefined> =>
      (await (await host.promise).request('host.secret', { name })).value ?? undefined;
    const engine = await createEngine({
      ...started.data,
      runQueue: true,
      watch: true,
      role: 'window',
      awaitsSettings: true,
      secret,
    });
    host.resolve(serveEngine(engine, parentPort));
  } catch (error) {
    parentPort.postMessage({ kind: 'fatal', error: toLakesideError(error).toShape() });
  }
}

void runAsWorker();
