import { parentPort, threadId, workerData } from 'node:worker_threads';
import * as z from 'zod';

/** A worker thread that speaks the engine's protocol and misbehaves as `workerData.script` says. */
const { script } = z.object({ script: z.string() }).parse(workerData);
const requestSchema = z.object({ kind: z.literal('request'), id: z.number(), name: z.string() });
const stopSchema = z.object({ kind: z.literal('stop') });

const info = {
  version: String(threadId),
  dataDir: '/data',
  schema: 1,
  hashImplementation: 'native',
  queueRunning: true,
  reloadNeeded: false,
  memoryBytes: 0,
};

if (script === 'fatal') {
  const error = { code: 'SCHEMA_NEWER', category: 'infra', message: 'The database is newer than this Lakeside.' };
  parentPort?.postMessage({ kind: 'fatal', error });
  process.exit(1);
}
if (script === 'throw') throw new Error('no such table');

parentPort?.on('message', (message: unknown) => {
  if (stopSchema.safeParse(message).success) {
    if (script !== 'deaf') process.exit(0);
    return;
  }
  const request = requestSchema.safeParse(message);
  if (!request.success) return;
  const { id, name } = request.data;
  if (name === 'engine.configure') answer(id, { problems: [] });
  else if (name === 'engine.info') answer(id, info);
  else if (name === 'roots.list') process.exit(7);
});

if (script !== 'silent') {
  parentPort?.postMessage({ kind: 'ready' });
  parentPort?.postMessage({ kind: 'event', name: 'changed', payload: { topics: ['jobs'] } });
}

function answer(id: number, data: unknown): void {
  parentPort?.postMessage({ kind: 'response', id, response: { success: true, data } });
}
