import { parentPort } from 'node:worker_threads';

import { toLakesideError } from '../base/errors.ts';
import type { FromImageWorker, ToImageWorker } from './images/imageMessages.ts';
import { type ImageTaskInput, type ImageTaskName, type ImageTaskOutput, imageTasks } from './images/imageTasks.ts';

/** Entry of the image thread. */

type Tasks = { readonly [K in ImageTaskName]: (input: ImageTaskInput<K>) => Promise<ImageTaskOutput<K>> };
const tasks: Tasks = imageTasks;

function send(message: FromImageWorker): void {
  parentPort?.postMessage(message);
}

async function run<K extends ImageTaskName>({ id, task, input }: ToImageWorker<K>): Promise<void> {
  try {
    send({ id, type: 'done', output: await tasks[task](input) });
  } catch (error) {
    send({ id, type: 'failed', error: toLakesideError(error).toShape() });
  }
}

parentPort?.on('message', (message: ToImageWorker) => void run(message));
