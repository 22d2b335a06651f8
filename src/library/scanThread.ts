import { existsSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';

import { errnoOf, fileError, LakesideError, toLakesideError } from '../base/errors.ts';
import { AbsenceCheck } from './absence.ts';
import type { FileLayer } from './fileLayer.ts';
import { compileIgnoreRules, type IgnoreRules } from './ignoreRules.ts';
import { ListedFiles } from './listedFiles.ts';
import {
  CONTROL,
  type FromScanWorker,
  type HandedBatch,
  HELPER_ROOM,
  type HelpRequest,
  type ListedBatch,
  MAX_BATCHES_AHEAD,
  type ScannedRoot,
  type ScanRequest,
  type ToScanWorker,
  type WalkMessage,
} from './scanMessages.ts';
import { statFiles } from './statFiles.ts';
import { Walk } from './walk.ts';

/**
 * What the threads of a scan do. One walks what it is asked to, synchronously, then confirms what seems to be gone. Its
 * helpers take over batches of listed files and look at each; so does the walking thread while all helpers are busy.
 */

function send(message: FromScanWorker, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

function tell(order: number, message: WalkMessage): void {
  send({ type: 'walk', order, message });
}

/** How the thread looks at files. */
let layer: FileLayer;
let current: { readonly rootPath: string; readonly ignore: IgnoreRules } | undefined;

function scan(request: ScanRequest): void {
  const { rootPath, control, helpers } = request;
  const ignore = compileIgnoreRules(request.ignore);
  const looker = new Looker(request);
  current = { rootPath, ignore };
  // Each helper may hold its fill, whatever the others are at.
  const batchesAhead = Math.max(MAX_BATCHES_AHEAD, (helpers.length + 1) * (HELPER_ROOM + 1));
  let order = 0;
  let batches = 0;
  const files = new ListedFiles({
    filesABatch: request.filesABatch,
    take(listed) {
      const helper = helpers.findIndex((_, index) => Atomics.load(control, CONTROL.room + index) > 0);
      if (helper < 0) looker.look(order, listed);
      else {
        Atomics.sub(control, CONTROL.room + helper, 1);
        helpers[helper]?.postMessage({ order, listed } satisfies HandedBatch);
      }
      order++;
      batches++;
      waitForRoom();
    },
    stopped: () => Atomics.load(control, CONTROL.stop) === 1,
    vanished: () => looker.requireRoot(),
  });
  const walk = new Walk({ layer, rootPath, ignore, sink: files });

  function waitForRoom(): void {
    for (;;) {
      const consumed = Atomics.load(control, CONTROL.consumed);
      if (batches - consumed < batchesAhead || Atomics.load(control, CONTROL.stop) === 1) return;
      Atomics.wait(control, CONTROL.consumed, consumed, 100);
    }
  }

  for (const scope of request.scopes) {
    const { folder, known } = scope;
    // By what its parents list now: a folder that is reached through a link must not be walked.
    const presence = folder === '' ? 'there' : new AbsenceCheck(layer, rootPath, ignore).folder(folder);
    if (presence === 'unknown') files.keep(folder);
    if (known === 'all' || presence !== 'there') {
      tell(order++, { type: 'begin', scope, skipped: [] });
      if (presence === 'there') walk.folder(folder);
    } else {
      const names = new Set(known);
      walk.folder(
        folder,
        (name) => !names.has(name),
        (folders) => tell(order++, { type: 'begin', scope, skipped: folders.filter((name) => names.has(name)) }),
      );
    }
    files.flush();
    tell(order++, { type: 'end' });
  }
  tell(order, { type: 'walked' });
}

function help(request: HelpRequest): void {
  const { port, control, room } = request;
  const looker = new Looker(request);
  port.on('message', ({ order, listed }: HandedBatch) => {
    answer(request.rootPath, () => {
      looker.look(order, listed);
      Atomics.add(control, room, 1);
    });
  });
  Atomics.store(control, room, HELPER_ROOM);
}

/** One thread's look at the files of a root. */
class Looker {
  readonly #root: ScannedRoot & { readonly withStates: boolean };
  readonly #device: number | undefined;

  constructor(root: ScannedRoot & { readonly withStates: boolean }) {
    this.#root = root;
    this.#device = layer.stat(root.rootPath)?.dev;
  }

  /** Looks at the files of a batch and tells the engine. */
  look(order: number, listed: ListedBatch): void {
    const { rootPath, withStates } = this.#root;
    const batch = statFiles(listed, { layer, rootPath, withStates, vanished: () => this.requireRoot() });
    send({ type: 'walk', order, message: { type: 'batch', ...batch } }, [batch.sizes.buffer, batch.mtimes.buffer]);
  }

  /** Asked when something went away: throws when the whole root did. */
  requireRoot(): void {
    const { rootPath, markerFile } = this.#root;
    const there = markerFile === undefined ? layer.stat(rootPath)?.dev === this.#device : existsSync(markerFile);
    if (there) return;
    throw new LakesideError('ROOT_NOT_MOUNTED', 'infra', `The folder ${rootPath} went away during the scan.`, {
      retryable: true,
    });
  }
}

function confirm(relpaths: readonly string[]): void {
  if (current === undefined) throw new Error('Asked to confirm before anything was walked');
  const check = new AbsenceCheck(layer, current.rootPath, current.ignore);
  send({ type: 'absent', relpaths: relpaths.filter((relpath) => check.isAbsent(relpath)) });
}

/** Does what was asked; what it throws is the answer. */
function answer(rootPath: string | undefined, work: () => void): void {
  try {
    work();
  } catch (error) {
    const failed = errnoOf(error) === undefined ? toLakesideError(error) : rootUnreadable(rootPath, error);
    send({ type: 'failed', error: failed.toShape() });
  }
}

/** The only system error that leaves a walk is that the root itself cannot be listed. */
function rootUnreadable(rootPath: string | undefined, error: unknown): LakesideError {
  const { message } = fileError('read', rootPath ?? 'the root', error);
  return new LakesideError('ROOT_NOT_MOUNTED', 'infra', message, { retryable: true });
}

/** Makes this thread one of a scan. */
export function serveScan(fileLayer: FileLayer): void {
  layer = fileLayer;
  parentPort?.on('message', (message: ToScanWorker) => {
    if (message.type === 'help') answer(message.rootPath, () => help(message));
    else if (message.type === 'scan') answer(message.rootPath, () => scan(message));
    else answer(current?.rootPath, () => confirm(message.relpaths));
  });
}
