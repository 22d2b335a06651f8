import type { WorkflowGraph } from '../../../protocol/studioValues.ts';
import type { OutputFile } from './answers.ts';
import type { ComfyuiClient } from './comfyuiClient.ts';
import { MAX_NAMED_IMAGES, namedOutputs } from './outputNames.ts';

/**
 * Looks for a prompt that may have been sent: in the queue, in the history, and, where both are gone with an earlier life
 * of the server, among its files.
 * @returns the id it has there; undefined when the server has neither it nor an image of it
 */
export async function findPrompt(
  client: ComfyuiClient,
  graph: WorkflowGraph,
  { prompt, submission }: { readonly prompt: string; readonly submission: string },
  signal: AbortSignal,
): Promise<string | undefined> {
  // A prompt goes from the queue to the history and never back: in this order it cannot be missed.
  const { running, pending, byClient } = await client.queue(signal);
  const queued = byClient.get(submission);
  if (queued !== undefined) return queued;
  if (running.includes(prompt) || pending.includes(prompt)) return prompt;
  if ((await client.history(prompt, signal)) !== undefined) return prompt;
  const finished = await client.finishedOfClient(submission, signal);
  if (finished !== undefined) return finished;
  const images = await namedImages(client, graph, submission, signal);
  return images.length > 0 ? prompt : undefined;
}

/** The images of a submission that its server has, found by their names alone. */
export async function namedImages(
  client: ComfyuiClient,
  graph: WorkflowGraph,
  submission: string,
  signal: AbortSignal,
): Promise<{ readonly file: OutputFile; readonly bytes: Uint8Array }[]> {
  const images: { file: OutputFile; bytes: Uint8Array }[] = [];
  for (let number = 1; number <= MAX_NAMED_IMAGES; number++) {
    const before = images.length;
    for (const file of namedOutputs(graph, submission, number)) {
      const bytes = await client.view(file, signal);
      if (bytes !== undefined) images.push({ file, bytes });
    }
    if (images.length === before) break;
  }
  return images;
}
