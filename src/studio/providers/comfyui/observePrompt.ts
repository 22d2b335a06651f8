import { untilAborted } from '../../../base/abort.ts';
import { DisposableStore } from '../../../base/disposables.ts';
import { canceledError, LakesideError } from '../../../base/errors.ts';
import type { WorkflowGraph } from '../../../protocol/studioValues.ts';
import type { PartContext, ProducedImage } from '../provider.ts';
import type { OutputFile } from './answers.ts';
import type { ComfyuiClient } from './comfyuiClient.ts';
import type { ComfyuiLimits } from './comfyuiHttp.ts';
import { ComfyuiSocket } from './comfyuiSocket.ts';
import { namedImages } from './findPrompt.ts';
import { allOutputsNamed } from './outputNames.ts';
import { PromptProgress } from './promptProgress.ts';
import { outcomeOf } from './promptOutcome.ts';
import type { SocketMessage } from './socketMessages.ts';

/** Pictures come with every step; more than so many a second nobody sees. */
const PREVIEW_MS = 200;
/** How often in a row queue and history must not know a prompt until it is believed. */
const UNKNOWN_LOOKS = 2;
/** Longest wait between two looks while the server does not answer. */
const LONGEST_WAIT_MS = 10_000;

export interface Observation {
  readonly client: ComfyuiClient;
  /** As the workflow has it: which nodes save images. */
  readonly graph: WorkflowGraph;
  readonly submission: string;
  readonly prompt: string;
  /** The server said that it took it. */
  readonly sure: boolean;
  readonly limits: ComfyuiLimits;
  readonly context: PartContext;
}

/**
 * Waits until a prompt is done, by asking queue and history; the socket only says when to ask, how far it is, and what it
 * looks like. A server that is away is waited for.
 * @throws LakesideError what became of it; `retryable` when it is to be looked for again
 */
export function observePrompt(observation: Observation): Promise<ProducedImage[]> {
  return new PromptWatch(observation).run();
}

class PromptWatch {
  readonly #it: Observation;
  readonly #owned = new DisposableStore();
  readonly #progress: PromptProgress;
  #wake: (() => void) | undefined;
  #hinted = false;
  #prompt: string;
  #seen = false;
  #isOpen = false;
  /** It was seen there, and the socket has been open ever since: the server cannot have been started again. */
  #isWatched = false;
  #previewAt = Number.NEGATIVE_INFINITY;
  /** Whether the socket last spoke of this prompt: what names no prompt is then of this one. */
  #isOurs = false;

  constructor(observation: Observation) {
    this.#it = observation;
    this.#progress = new PromptProgress(observation.graph);
    this.#prompt = observation.prompt;
  }

  async run(): Promise<ProducedImage[]> {
    const { client, submission, context } = this.#it;
    const { signal, clock } = context;
    this.#owned.add(
      new ComfyuiSocket({
        clock,
        target: () => client.socket(submission, signal),
        onMessage: (message) => this.#hear(message),
        onOpen: () => {
          this.#isOpen = true;
          this.#hint();
        },
        onLost: () => {
          this.#isOpen = false;
          this.#isWatched = false;
          this.#hint();
        },
      }),
    );
    try {
      return await this.#watch();
    } finally {
      this.#owned.dispose();
    }
  }

  async #watch(): Promise<ProducedImage[]> {
    const { clock, signal } = this.#it.context;
    const { pollMs, patienceMs } = this.#it.limits;
    let awaySince: number | undefined;
    let unknown = 0;
    let waitMs = pollMs;
    for (;;) {
      let verdict: ProducedImage[] | LakesideError | undefined;
      try {
        const images = await this.#look();
        unknown = images === 'unknown' ? unknown + 1 : 0;
        if (images !== 'unknown') verdict = images;
        else if (unknown >= UNKNOWN_LOOKS) verdict = await this.#forgotten();
        awaySince = undefined;
        waitMs = pollMs;
      } catch (error) {
        if (signal.aborted || !isPassing(error)) throw error;
        awaySince ??= clock.now();
        if (clock.now() - awaySince >= patienceMs) throw asRetryable(error);
        this.#it.context.progress(this.#progress.share, `Waiting for ComfyUI "${this.#it.client.name}" to answer`);
        waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
      }
      if (verdict instanceof LakesideError) throw verdict;
      if (verdict !== undefined) return verdict;
      await this.#wait(waitMs);
    }
  }

  /** Asks once. undefined: it waits or runs. */
  async #look(): Promise<ProducedImage[] | 'unknown' | undefined> {
    const { client, submission, sure, context } = this.#it;
    const { signal } = context;
    this.#hinted = false;
    const { running, pending, byClient } = await client.queue(signal);
    const id = byClient.get(submission) ?? this.#prompt;
    this.#prompt = id;
    const isRunning = running.includes(id);
    if (isRunning || pending.includes(id)) {
      this.#seen = true;
      this.#isWatched = this.#isOpen;
      this.#isOurs ||= isRunning && running.length === 1;
      const before = pending.indexOf(id) + running.length;
      const text = isRunning ? this.#progress.text : `Waiting on ComfyUI "${client.name}", ${before} before it`;
      context.progress(this.#progress.share, text);
      return undefined;
    }
    const entry = await client.history(id, signal);
    if (entry === undefined) {
      const other = sure ? undefined : await client.finishedOfClient(submission, signal);
      if (other === undefined) return 'unknown';
      this.#prompt = other;
      this.#hint();
      return undefined;
    }
    const files = outcomeOf(entry, client.name);
    context.progress(Math.max(this.#progress.share, 0.99), 'Fetching the images');
    const images: ProducedImage[] = [];
    for (const file of files) images.push({ kind: 'bytes', bytes: await this.#fetch(file) });
    return images;
  }

  async #fetch(file: OutputFile): Promise<Uint8Array> {
    const { client, context } = this.#it;
    const bytes = await client.view(file, context.signal);
    if (bytes !== undefined) return bytes;
    throw new LakesideError(
      'PROVIDER_NONSENSE',
      'provider',
      `ComfyUI "${client.name}" says that it made ${file.filename} and does not have it. Look into its output folder.`,
      { context: { server: client.name, file: file.filename } },
    );
  }

  /** Neither queue nor history know it. The files may; else why there is nothing. */
  async #forgotten(): Promise<ProducedImage[] | LakesideError> {
    const { client, graph, submission, sure, context } = this.#it;
    const images = await namedImages(client, graph, submission, context.signal);
    if (images.length > 0) return images.map(({ bytes }) => ({ kind: 'bytes', bytes }));
    const server = `ComfyUI "${client.name}"`;
    const error = (code: string, said: string, retryable: boolean): LakesideError =>
      new LakesideError(code, 'provider', said, { context: { server: client.name }, retryable });
    if (!sure && !this.#seen) {
      return error('PROVIDER_AWAY', `${server} did not get the run: the connection broke while it was sent.`, true);
    }
    if (this.#isWatched) {
      const said = `The run was removed from ${server} by somebody else. Generate again if it is still wanted.`;
      return error('PROVIDER_INTERRUPTED', said, false);
    }
    if (!allOutputsNamed(graph)) return outcomeUnknown(client.name);
    const said = `${server} was started again and has forgotten the run; none of its images was made yet.`;
    return error('PROVIDER_AWAY', said, true);
  }

  #hear(message: SocketMessage): void {
    const { context } = this.#it;
    if (message.prompt !== undefined) this.#isOurs = message.prompt === this.#prompt;
    if (!this.#isOurs) return;
    if (message.kind === 'preview') {
      const now = context.clock.now();
      if (now - this.#previewAt < PREVIEW_MS) return;
      this.#previewAt = now;
      context.preview({ mime: message.mime, bytes: message.bytes });
    } else if (message.kind === 'over') this.#hint();
    else if (this.#progress.take(message)) context.progress(this.#progress.share, this.#progress.text);
  }

  #hint(): void {
    this.#hinted = true;
    this.#wake?.();
  }

  async #wait(ms: number): Promise<void> {
    const { clock, signal } = this.#it.context;
    if (signal.aborted) throw canceledError();
    if (this.#hinted) return;
    const waited = new Promise<void>((resolve) => {
      const timer = clock.after(ms, resolve);
      this.#wake = () => {
        timer.dispose();
        resolve();
      };
    });
    await untilAborted(waited, signal, 'The run');
  }
}

/** A server that took a run and answers badly now: it may be starting, or a proxy may speak for it. */
function isPassing(error: unknown): error is LakesideError {
  if (!(error instanceof LakesideError)) return false;
  return error.retryable || error.code === 'PROVIDER_REFUSED' || error.context?.answer !== undefined;
}

/** Only a person may decide to make it again. */
export function outcomeUnknown(server: string): LakesideError {
  return new LakesideError(
    'OUTCOME_UNKNOWN',
    'provider',
    `ComfyUI "${server}" was started again and has forgotten the run. Whether its images were made cannot be told: look into its output folder, and generate again if they are not there.`,
    { context: { server } },
  );
}

/** The run goes on there: it is looked for again, not given up. */
function asRetryable(error: LakesideError): LakesideError {
  const { code, category, message, context } = error;
  return new LakesideError(code, category, message, { context, cause: error, retryable: true });
}
