import { type Readable } from 'node:stream';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import * as z from 'zod';

import type { Clock } from '../base/clock.ts';
import { DisposableStore, toDisposable } from '../base/disposables.ts';
import { canceledError, LakesideError } from '../base/errors.ts';
import { errorShapeSchema } from '../protocol/apiResponse.ts';
import { engineContract, type EngineContract, engineHostContract } from '../protocol/engineContract.ts';
import { connect, type Remote } from '../protocol/rpc.ts';
import type { EngineLog } from './engineLog.ts';
import { workerChannel } from './workerChannel.ts';

/** A running engine. */
export interface EngineConnection {
  readonly remote: Remote<EngineContract>;
  /** Resolves with the reason when the engine has ended, whoever ended it. Never rejects. */
  readonly closed: Promise<string>;
  /**
   * Asks the engine to end and ends it after `graceMs` at the latest.
   * @param handOver the window closes: where the person wants it, a process of its own goes on with the queue
   */
  stop(graceMs: number, handOver: boolean): Promise<void>;
}

export interface EngineConnectionOptions {
  /** Absolute path of the module the thread runs. */
  readonly file: string;
  readonly workerData: Readonly<Record<string, unknown>>;
  /** How long the engine may take to say that it is up; opening an old database makes a backup first. */
  readonly startTimeoutMs: number;
  /** Aborted when the engine is no longer wanted before it is up. */
  readonly signal: AbortSignal;
  /** A key for an outside service, by the name of the provider that needs it. */
  readonly secret: (name: string) => Promise<string | undefined>;
  readonly clock: Clock;
  readonly log: EngineLog;
}

/** The first message of the engine: it is up, or cannot be. */
const handshakeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('fatal'), error: errorShapeSchema }),
]);

/**
 * Starts the engine's thread and waits until it is up.
 * @throws LakesideError what the engine refused with, or ENGINE_START_FAILED
 */
export async function connectEngine(options: EngineConnectionOptions): Promise<EngineConnection> {
  const { file, workerData, startTimeoutMs, signal, secret, clock, log } = options;
  const worker = new Worker(file, { workerData, name: 'lakeside engine', stdout: true, stderr: true });
  logLines(worker.stdout, (line) => log.info(line));
  logLines(worker.stderr, (line) => log.warn(line));
  const channel = workerChannel(worker);
  const closed = new Promise<string>((resolve) => channel.onClose(resolve));
  const waiting = new DisposableStore();
  try {
    const remote = await new Promise<Remote<EngineContract>>((resolve, reject) => {
      waiting.add(
        clock.after(startTimeoutMs, () => {
          reject(startFailed(`It gave no sign of life within ${Math.round(startTimeoutMs / 1000)} s.`));
        }),
      );
      const onAbort = (): void => reject(canceledError('The start of the engine'));
      signal.addEventListener('abort', onAbort, { once: true });
      waiting.add(toDisposable(() => signal.removeEventListener('abort', onAbort)));
      waiting.add(channel.onClose((reason) => reject(startFailed(reason))));
      waiting.add(
        channel.onMessage((message) => {
          const handshake = handshakeSchema.safeParse(message);
          if (!handshake.success) return;
          if (handshake.data.kind === 'fatal') {
            reject(LakesideError.fromShape(handshake.data.error));
            return;
          }
          // Joined in the same turn, so that no message after this one is missed.
          const peer = connect({
            channel,
            local: engineHostContract,
            handlers: { 'host.secret': async ({ name }) => ({ value: (await secret(name)) ?? null }) },
            remote: engineContract,
            clock,
            onProtocolError: (error) => log.warn(error.message),
          });
          resolve(peer.remote);
        }),
      );
    });
    return {
      remote,
      closed,
      async stop(graceMs, handOver) {
        worker.postMessage({ kind: 'stop', handOver });
        const force = clock.after(graceMs, () => void worker.terminate());
        await closed;
        force.dispose();
      },
    };
  } catch (error) {
    await worker.terminate();
    throw error;
  } finally {
    waiting.dispose();
  }
}

function startFailed(reason: string): LakesideError {
  return new LakesideError('ENGINE_START_FAILED', 'infra', `Lakeside's engine could not start. ${reason}`, {
    retryable: true,
  });
}

function logLines(stream: Readable, write: (line: string) => void): void {
  createInterface({ input: stream }).on('line', write);
}
