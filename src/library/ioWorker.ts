import { parentPort } from 'node:worker_threads';

import { toLakesideError } from '../base/errors.ts';
import { CONTROL, FLUSH, FLUSHED, type FromIoWorker, type ToIoWorker } from './ioMessages.ts';
import { type IoInput, type IoOutput, type IoTaskName, ioTasks } from './ioTasks.ts';
import type { TaskContext } from './hashFile.ts';

/** Entry of an I/O thread: does one task at a time, synchronously. */

/** From 256 KiB to 4 MiB all measure the same on a local disk; a network drive likes fewer, larger reads. */
const BUFFER_BYTES = 256 * 1024;
const REPORT_EVERY_MS = 100;

const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);

function run<K extends IoTaskName>(task: K, input: IoInput<K>, context: TaskContext): IoOutput<K> {
  return ioTasks[task](input, context);
}

function isStopped(control: Int32Array<SharedArrayBuffer>): boolean {
  while (Atomics.load(control, 0) === CONTROL.hold) Atomics.wait(control, 0, CONTROL.hold);
  return Atomics.load(control, 0) === CONTROL.stop;
}

/** Asks the pool, whose process has a helper for it. */
function flushAll(control: Int32Array<SharedArrayBuffer>, folder: string): void {
  Atomics.store(control, FLUSHED, FLUSH.pending);
  send({ type: 'flush', folder });
  Atomics.wait(control, FLUSHED, FLUSH.pending);
  if (Atomics.load(control, FLUSHED) === FLUSH.done) return;
  throw Object.assign(new Error(`ENOSYS: the file system of '${folder}' was not flushed`), {
    code: 'ENOSYS',
    path: folder,
  });
}

function send(message: FromIoWorker): void {
  parentPort?.postMessage(message);
}

parentPort?.on('message', ({ task, input, control }: ToIoWorker) => {
  let [unreported, before] = [0, 0];
  let reportedAt = performance.now();
  const sendBytes = (): void => {
    if (unreported !== 0 || before !== 0) send({ type: 'bytes', bytes: unreported, before });
    [unreported, before] = [0, 0];
  };
  const report: TaskContext['report'] = (bytes, when) => {
    unreported += bytes;
    if (when === 'before') before += bytes;
    const now = performance.now();
    if (now - reportedAt < REPORT_EVERY_MS) return;
    sendBytes();
    reportedAt = now;
  };
  try {
    const output = run(task, input, {
      buffer,
      report,
      aborted: () => isStopped(control),
      flushAll: (folder) => flushAll(control, folder),
    });
    sendBytes();
    send({ type: 'done', output });
  } catch (error) {
    sendBytes();
    send({ type: 'failed', error: toLakesideError(error).toShape() });
  }
});
