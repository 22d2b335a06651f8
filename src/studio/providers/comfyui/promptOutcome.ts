import { LakesideError } from '../../../base/errors.ts';
import { executionErrorSchema, type HistoryEntry, type OutputFile, outputFileSchema } from './answers.ts';

/** They are fetched whole before they are looked at: more is no batch that anybody meant. */
const MAX_FILES = 100;

/**
 * What became of a finished prompt: the files of its images, those that are kept before those that are only shown.
 * @throws LakesideError PROVIDER_FAILED (a node failed), PROVIDER_INTERRUPTED, PROVIDER_NONSENSE (no image)
 */
export function outcomeOf(entry: HistoryEntry, server: string): OutputFile[] {
  const { status } = entry;
  if (status !== undefined && status.status_str !== 'success') throw failure(status.messages, server);
  const files = Object.keys(entry.outputs)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .flatMap((node) => entry.outputs[node]?.images ?? [])
    .flatMap((file) => outputFileSchema.safeParse(file).data ?? []);
  for (const type of ['output', 'temp']) {
    const ofType = files.filter((file) => file.type === type);
    if (ofType.length > MAX_FILES) throw tooMany(ofType.length, server);
    if (ofType.length > 0) return ofType;
  }
  throw new LakesideError(
    'PROVIDER_NONSENSE',
    'provider',
    `ComfyUI "${server}" finished the workflow without an image. Check that its Save Image node is reached.`,
    { context: { server } },
  );
}

function tooMany(count: number, server: string): LakesideError {
  const said = `ComfyUI "${server}" made ${count} images where one was asked for, and ${MAX_FILES} are fetched at most. Make the batch of the workflow smaller.`;
  return new LakesideError('PROVIDER_NONSENSE', 'provider', said, { context: { server } });
}

function failure(messages: readonly (readonly [string, unknown])[], server: string): LakesideError {
  const context = { server };
  if (messages.some(([type]) => type === 'execution_interrupted')) {
    return new LakesideError('PROVIDER_INTERRUPTED', 'provider', `The run was stopped on ComfyUI "${server}".`, {
      context,
    });
  }
  const said = messages.find(([type]) => type === 'execution_error');
  const error = executionErrorSchema.safeParse(said?.[1]).data;
  if (error === undefined) {
    return new LakesideError(
      'PROVIDER_FAILED',
      'provider',
      `ComfyUI "${server}" failed and does not say why. Look at its console.`,
      { context },
    );
  }
  const why = (error.exception_message.trim() || error.exception_type || 'it does not say why').replace(/\s+/g, ' ');
  const isMemory = /out of memory|OutOfMemory|allocat/i.test(`${error.exception_type} ${why}`);
  const advice = isMemory
    ? 'Choose a smaller size, or free memory on the server.'
    : 'Correct the workflow or its values; the whole story is in the console of ComfyUI.';
  const clean = why.slice(0, 500).replace(/[.\s]+$/, '');
  return new LakesideError(
    'PROVIDER_FAILED',
    'provider',
    `ComfyUI "${server}" failed in ${error.node_type}: ${clean}. ${advice}`,
    {
      context: { ...context, node: error.node_type },
    },
  );
}
