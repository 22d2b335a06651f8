import { type ErrorShape, toLakesideError } from '../base/errors.ts';
import { listPartials, type PartialsTasks, removePartials } from '../transfer/leftPartials.ts';
import { runTransferTask, type TransferAnswer, type TransferRequest } from '../transfer/transferTasks.ts';
import { fileUsage, type UsageReport } from './fileUsage.ts';
import { readModelFile, type ReadModelFile } from './models/readModel.ts';
import { type HashedFile, hashFile, type TaskContext } from './hashFile.ts';

/** What I/O threads can do: input and output of each task, as structured clones. */
export interface IoTasks {
  /** Hashes files one after the other; a file that fails does not stop the rest. Several, since a message costs more than a small file. */
  hash: { input: { readonly paths: readonly string[] }; output: readonly HashOutcome[] };
  /** What the disk knows of files that the index does not. */
  usage: { input: { readonly root: string; readonly relpaths: readonly string[] }; output: UsageReport };
  /** What a model file is by its header; null where there is no file. */
  model: { input: { readonly path: string }; output: ReadModelFile | null };
  /** Copies, moves and removes; see transfer/transferTasks.ts. */
  transfer: { input: TransferRequest; output: TransferAnswer };
  /** Half-copied files of a root; see transfer/leftPartials.ts. */
  partials: PartialsTasks['partials'];
  removePartials: PartialsTasks['removePartials'];
}

export type HashOutcome = { readonly file: HashedFile } | { readonly error: ErrorShape };

export type IoTaskName = keyof IoTasks;
export type IoInput<K extends IoTaskName> = IoTasks[K]['input'];
export type IoOutput<K extends IoTaskName> = IoTasks[K]['output'];

export const ioTasks: { readonly [K in IoTaskName]: (input: IoInput<K>, context: TaskContext) => IoOutput<K> } = {
  hash: ({ paths }, context) => paths.map((path) => hashOutcome(path, context)),
  model: ({ path }) => readModelFile(path) ?? null,
  usage: ({ root, relpaths }) => fileUsage(root, relpaths),
  transfer: (request, context) => runTransferTask(request, context),
  partials: (input, context) => listPartials(input, context),
  removePartials: (input, context) => removePartials(input, context),
};

function hashOutcome(path: string, context: TaskContext): HashOutcome {
  try {
    return { file: hashFile(path, context) };
  } catch (error) {
    if (context.aborted()) throw error;
    return { error: toLakesideError(error).toShape() };
  }
}
