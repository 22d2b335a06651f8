import { type Clock, systemClock } from '../base/clock.ts';
import { type Disposable, DisposableStore } from '../base/disposables.ts';
import { canceledError, LakesideError, toLakesideError } from '../base/errors.ts';
import { Emitter } from '../base/events.ts';
import { isNodeTooOld, OLDEST_NODE } from '../base/nodeVersion.ts';
import type { CallUseCase } from '../protocol/useCases.ts';
import type { EngineClient, EngineEvents, EngineState } from './engineClient.ts';
import { connectEngine, type EngineConnection } from './engineConnection.ts';
import type { EngineLog } from './engineLog.ts';
import { mayRestart, RESTART_WINDOW_MS } from './restartPolicy.ts';

/** VS Code grants five seconds to go; the rest of them is for the thread's end. */
const STOP_GRACE_MS = 4_000;
const START_TIMEOUT_MS = 60_000;

export interface EngineProcessOptions {
  /** Absolute path of the engine's module, and what it is told; asked at each start. Throws when a setting forbids it. */
  readonly describe: () => { readonly file: string; readonly workerData: Readonly<Record<string, unknown>> };
  /** Done before the first use case of each engine: hands it the settings. */
  readonly configure: (call: CallUseCase) => Promise<void>;
  /** A key for an outside service, kept by the editor; undefined where there is none. By default there is none. */
  readonly secret?: (name: string) => Promise<string | undefined>;
  readonly log: EngineLog;
  readonly clock?: Clock;
  readonly startTimeoutMs?: number;
  /** By default this process's own. */
  readonly versions?: { readonly node: string; readonly napi?: string | undefined };
}

/** Runs the engine in a worker thread: started by the first call, started again after a crash, ended with the window. */
export class EngineProcess implements EngineClient, Disposable {
  readonly #options: EngineProcessOptions;
  readonly #clock: Clock;
  readonly #owned = new DisposableStore();
  readonly #stateChanged: Emitter<EngineState>;
  readonly #events: { readonly [K in keyof EngineEvents]: Emitter<EngineEvents[K]> };
  #state: EngineState = { kind: 'stopped' };
  #connection: Promise<EngineConnection> | undefined;
  #starting = new AbortController();
  #crashes: number[] = [];

  constructor(options: EngineProcessOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const onListenerError = (error: unknown): void => options.log.error(textOf(error));
    this.#stateChanged = this.#owned.add(new Emitter<EngineState>(onListenerError));
    this.#events = {
      changed: this.#owned.add(new Emitter<EngineEvents['changed']>(onListenerError)),
      progress: this.#owned.add(new Emitter<EngineEvents['progress']>(onListenerError)),
      preview: this.#owned.add(new Emitter<EngineEvents['preview']>(onListenerError)),
      notice: this.#owned.add(new Emitter<EngineEvents['notice']>(onListenerError)),
      log: this.#owned.add(new Emitter<EngineEvents['log']>(onListenerError)),
    };
  }

  get state(): EngineState {
    return this.#state;
  }

  onStateChange(listener: (state: EngineState) => void): Disposable {
    return this.#stateChanged.event(listener);
  }

  on<K extends keyof EngineEvents>(event: K, listener: (payload: EngineEvents[K]) => void): Disposable {
    return this.#events[event].event(listener);
  }

  readonly call: CallUseCase = async (name, input, options) => {
    const connection = await orAborted(this.#connected(), options?.signal);
    return connection.remote.request(name, input, options);
  };

  async restart(): Promise<void> {
    this.#crashes = [];
    // Who calls meanwhile waits for the old one's end: two engines of one process would take each other's jobs for free.
    const started = this.#stop(false).then(() => this.#start());
    this.#connection = started;
    this.#setState({ kind: 'stopped' });
    await started;
  }

  /** Ends the engine within five seconds. Calls made after this are refused. */
  async stop(): Promise<void> {
    const stopped = this.#stop(true);
    this.#owned.dispose();
    await stopped;
  }

  dispose(): void {
    void this.stop();
  }

  #connected(): Promise<EngineConnection> {
    if (this.#owned.isDisposed) {
      return Promise.reject(new LakesideError('CLOSED', 'infra', 'Lakeside is closing.', { retryable: true }));
    }
    if (this.#state.kind === 'failed') return Promise.reject(this.#state.error);
    this.#connection ??= this.#start();
    return this.#connection;
  }

  async #start(): Promise<EngineConnection> {
    const starting = new AbortController();
    this.#starting = starting;
    this.#setState({ kind: 'starting' });
    try {
      this.#checkNode();
      const { file, workerData } = this.#options.describe();
      const connection = await connectEngine({
        file,
        workerData,
        startTimeoutMs: this.#options.startTimeoutMs ?? START_TIMEOUT_MS,
        signal: starting.signal,
        secret: this.#options.secret ?? (() => Promise.resolve(undefined)),
        clock: this.#clock,
        log: this.#options.log,
      });
      this.#forward(connection);
      void connection.closed.then((reason) => this.#onEnded(connection, reason));
      await this.#configure(connection);
      this.#setState({ kind: 'ready' });
      return connection;
    } catch (caught) {
      const error = toLakesideError(caught);
      if (starting.signal.aborted) throw error;
      this.#connection = undefined;
      this.#options.log.error(`${error.code}: ${error.message}`);
      this.#setState({ kind: 'failed', error });
      throw error;
    }
  }

  #checkNode(): void {
    const versions = this.#options.versions ?? process.versions;
    if (!isNodeTooOld(versions)) return;
    throw new LakesideError(
      'NODE_TOO_OLD',
      'infra',
      `Lakeside needs Node ${OLDEST_NODE} or later, and this VS Code runs Node ${versions.node}. Update VS Code.`,
    );
  }

  /** Settings that were refused are no reason not to work with the others. */
  async #configure(connection: EngineConnection): Promise<void> {
    try {
      await this.#options.configure((name, input, options) => connection.remote.request(name, input, options));
    } catch (error) {
      this.#options.log.error(`The settings were not taken: ${textOf(error)}`);
    }
  }

  #forward({ remote }: EngineConnection): void {
    remote.on('changed', (payload) => this.#events.changed.fire(payload));
    remote.on('progress', (payload) => this.#events.progress.fire(payload));
    remote.on('preview', (payload) => this.#events.preview.fire(payload));
    remote.on('notice', (payload) => this.#events.notice.fire(payload));
    remote.on('log', (payload) => this.#events.log.fire(payload));
  }

  async #onEnded(connection: EngineConnection, reason: string): Promise<void> {
    // An end that was asked for has taken the connection away first.
    if ((await this.#connection?.catch(() => undefined)) !== connection) return;
    this.#connection = undefined;
    this.#options.log.error(reason);
    const now = this.#clock.now();
    this.#crashes = [...this.#crashes.filter((time) => now - time < RESTART_WINDOW_MS), now];
    if (mayRestart(this.#crashes, now)) {
      this.#options.log.warn('The engine starts again.');
      await this.#connected().catch(() => undefined);
      return;
    }
    const message = `Lakeside's engine stopped ${this.#crashes.length} times within 5 minutes. ${reason}`;
    this.#setState({ kind: 'failed', error: new LakesideError('ENGINE_CRASHED', 'infra', message) });
  }

  async #stop(handOver: boolean): Promise<void> {
    const pending = this.#connection;
    this.#connection = undefined;
    this.#starting.abort();
    const connection = await pending?.catch(() => undefined);
    await connection?.stop(STOP_GRACE_MS, handOver);
  }

  #setState(state: EngineState): void {
    this.#state = state;
    this.#stateChanged.fire(state);
  }
}

/** A caller who gives up while the engine starts does not wait for it. */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  if (signal.aborted) throw canceledError();
  const ended = new AbortController();
  try {
    return await Promise.race([
      promise,
      new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(canceledError()), { once: true, signal: ended.signal });
      }),
    ]);
  } finally {
    ended.abort();
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
