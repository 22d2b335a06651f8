import { existsSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';

import { errnoOf, fileError, LakesideError, toLakesideError } from '../base/errors.ts';
import { AbsenceCheck } from './absence.ts';
import { nodeFileLayer } from './fileLayer.ts';
import { compileIgnoreRules, type IgnoreRules } from './ignoreRules.ts';
import { BatchSink } from './scanBatches.ts';
import {
  CONTROL,
  type FromScanWorker,
  MAX_BATCHES_AHEAD,
  type ScanRequest,
  type ToScanWorker,
} from './scanMessages.ts';
import { Walk } from './walk.ts';

/** Entry of the scan worker thread: walks what it is asked to, synchronously, then confirms what seems to be gone. */

function send(message: FromScanWorker, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

let current: { readonly rootPath: string; readonly ignore: IgnoreRules } | undefined;

function scan(request: ScanRequest): void {
  const { rootPath, control } = request;
  const ignore = compileIgnoreRules(request.ignore);
  const device = nodeFileLayer.stat(rootPath)?.dev;
  current = { rootPath, ignore };
  let sent = 0;
  const sink = new BatchSink({
    send(batch) {
      send(batch, [batch.sizes.buffer, batch.mtimes.buffer]);
      sent++;
      waitForRoom();
    },
    stopped: () => Atomics.load(control, CONTROL.stop) === 1,
    vanished: requireRoot,
  });
  const walk = new Walk({ layer: nodeFileLayer, rootPath, ignore, sink });

  function waitForRoom(): void {
    for (;;) {
      const consumed = Atomics.load(control, CONTROL.consumed);
      if (sent - consumed < MAX_BATCHES_AHEAD || Atomics.load(control, CONTROL.stop) === 1) return;
      Atomics.wait(control, CONTROL.consumed, consumed, 100);
    }
  }

  function requireRoot(): void {
    const there =
      request.markerFile === undefined ? nodeFileLayer.stat(rootPath)?.dev === device : existsSync(request.markerFile);
    if (!there) {
      throw new LakesideError('ROOT_NOT_MOUNTED', 'infra', `The folder ${rootPath} went away during the scan.`, {
        retryable: true,
      });
    }
  }

  for (const scope of request.scopes) {
    const { folder, known } = scope;
    // By what its parents list now: a folder that is reached through a link must not be walked.
    const presence = folder === '' ? 'there' : new AbsenceCheck(nodeFileLayer, rootPath, ignore).folder(folder);
    if (presence === 'unknown') sink.keep(folder);
    if (known === 'all' || presence !== 'there') {
      send({ type: 'begin', scope, skipped: [] });
      if (presence === 'there') walk.folder(folder);
    } else {
      const names = new Set(known);
      walk.folder(
        folder,
        (name) => !names.has(name),
        (folders) => send({ type: 'begin', scope, skipped: folders.filter((name) => names.has(name)) }),
      );
    }
    sink.flush();
    send({ type: 'end' });
  }
  send({ type: 'walked' });
}

function confirm(relpaths: readonly string[]): void {
  if (current === undefined) throw new Error('Asked to confirm before anything was walked');
  const check = new AbsenceCheck(nodeFileLayer, current.rootPath, current.ignore);
  send({ type: 'absent', relpaths: relpaths.filter((relpath) => check.isAbsent(relpath)) });
}

parentPort?.on('message', (message: ToScanWorker) => {
  try {
    if (message.type === 'scan') scan(message);
    else confirm(message.relpaths);
  } catch (error) {
    const failed = errnoOf(error) === undefined ? toLakesideError(error) : rootUnreadable(error);
    send({ type: 'failed', error: failed.toShape() });
  }
});

/** The only system error that leaves a walk is that the root itself cannot be listed. */
function rootUnreadable(error: unknown): LakesideError {
  const { message } = fileError('read', current?.rootPath ?? 'the root', error);
  return new LakesideError('ROOT_NOT_MOUNTED', 'infra', message, { retryable: true });
}
