import assert from 'node:assert/strict';
import sharp from 'sharp';
import { WebSocket } from 'ws';

import { recording, type RecordedEvent, type RecordingName } from '../support/comfyuiNodes.ts';
import { type ComfyuiServer, type ComfyuiServerOptions, startComfyuiServer } from '../support/comfyuiServer.ts';
import { pngText } from '../support/pngBytes.ts';

/** Ids, times and numbers differ from run to run; what is left is what a client hangs on. */
function byRole(value: unknown, ids: Map<string, string>): unknown {
  const text = JSON.stringify(value)
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, (id) => {
      if (!ids.has(id)) ids.set(id, `id-${ids.size}`);
      return ids.get(id) ?? id;
    })
    .replace(/"timestamp":\d+/g, '"timestamp":0')
    .replace(/_\d{5}_\.png/g, '_N_.png')
    .replace(/"(number)":\d+/g, '"$1":0')
    .replace(/\[\d+,"id-/g, '[0,"id-');
  return JSON.parse(text, (key, inner: unknown) =>
    ['current_inputs', 'current_outputs', 'input_config', 'traceback', 'extra_info'].includes(key) ? undefined : inner,
  );
}

interface Said {
  readonly sent: unknown[];
  readonly heard: unknown[];
}

/** What a recording's client heard: answers and socket messages, each in their order. `status` comes when it comes. */
function recorded(events: readonly RecordedEvent[]): Said {
  const ids = new Map<string, string>();
  return {
    sent: events
      .filter(({ kind }) => kind === 'response')
      .map(({ path, status, body }) => byRole({ path: path?.split('?')[0], status, body: answerBody(body) }, ids)),
    heard: events.filter(isHeard).map(({ data }) => byRole(data, ids)),
  };
}

function isHeard(event: RecordedEvent): boolean {
  const { type } = (event.data ?? {}) as { type?: string };
  return event.kind === 'ws-text' && type !== 'status' && type !== 'feature_flags';
}

function answerBody(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || !('base64' in body)) return body;
  return body.base64 === '' ? 'nothing' : 'bytes';
}

/** Does what the recording's client did, each request when as much was heard as then. */
async function replay(server: ComfyuiServer, events: readonly RecordedEvent[]): Promise<Said> {
  const ids = new Map<string, string>();
  const said: Said = { sent: [], heard: [] };
  const real = new Map<string, string>();
  const raw: { at: number; value: unknown }[] = [];
  let socket: WebSocket | undefined;
  let wanted = 0;
  let uploads = 0;
  let wake = (): void => {};
  const until = async (count: number): Promise<void> => {
    while (raw.length < count) await new Promise<void>((resolve) => (wake = resolve));
  };
  const translate = (text: string): string => {
    let out = text;
    for (const [old, now] of real) out = out.replaceAll(old, now);
    return out;
  };
  for (const [index, event] of events.entries()) {
    if (isHeard(event)) wanted++;
    else if (event.kind === 'ws-open') {
      const opened = new WebSocket(`${server.url.replace('http', 'ws')}${event.path ?? ''}`);
      opened.on('message', (data: Buffer) => {
        const message = { kind: 'ws-text', data: JSON.parse(data.toString('utf8')) as unknown, ms: 0 } as const;
        if (isHeard(message)) raw.push({ at: index, value: message.data });
        wake();
      });
      await new Promise((resolve) => opened.once('open', resolve));
      if (socket !== undefined) setTimeout(() => server.release(), 20);
      socket = opened;
    } else if (event.kind === 'ws-sent') socket?.send(JSON.stringify(event.data));
    else if (event.kind === 'ws-closed') {
      await until(wanted);
      const closing = socket;
      await new Promise((resolve) => {
        closing?.once('close', resolve);
        closing?.close();
      });
    } else if (event.kind === 'request') {
      await until(wanted);
      const { multipart } = (event.body ?? {}) as { multipart?: string[] };
      const body =
        multipart === undefined
          ? event.body === undefined
            ? undefined
            : translate(JSON.stringify(event.body))
          : form(multipart, ['one', 'one', 'other'][uploads++] ?? 'x');
      const response = await fetch(server.url + translate(event.path ?? ''), {
        method: event.method ?? 'GET',
        ...(body === undefined ? {} : { body }),
        ...(typeof body === 'string' ? { headers: { 'content-type': 'application/json' } } : {}),
      });
      const type = response.headers.get('content-type') ?? '';
      const bytes = Buffer.from(await response.arrayBuffer());
      const answer: unknown = type.startsWith('application/json')
        ? JSON.parse(bytes.toString('utf8'))
        : type.startsWith('text/')
          ? bytes.toString('utf8')
          : bytes.length === 0
            ? 'nothing'
            : 'bytes';
      const then = events.slice(index).find(({ kind, path }) => kind === 'response' && path === event.path);
      assert.equal(type, then?.headers?.['content-type'], `${event.method ?? ''} ${event.path ?? ''}`);
      const { prompt_id: now } = (typeof answer === 'object' ? answer : {}) as { prompt_id?: string };
      const { prompt_id: old } = (then?.body ?? {}) as { prompt_id?: string };
      if (now !== undefined && old !== undefined) real.set(old, now);
      said.sent.push(
        byRole({ path: translate(event.path ?? '').split('?')[0], status: response.status, body: answer }, ids),
      );
      if (event.path === '/interrupt') server.release();
    }
  }
  await until(wanted);
  socket?.terminate();
  return { sent: said.sent, heard: raw.map(({ value }) => byRole(value, ids)) };
}

function form(parts: readonly string[], text: string): FormData {
  const data = new FormData();
  for (const part of parts) {
    const [name = '', value = ''] = part.split(': ');
    if (name === 'image') data.set('image', new Blob([text]), value.replace(' (truncated)', ''));
    else data.set(name, value);
  }
  return data;
}

describe('the ComfyUI of the tests', () => {
  const rows: readonly [RecordingName, string, ComfyuiServerOptions?][] = [
    ['success', 'makes two images and keeps their history'],
    ['given-prompt-id', 'takes a prompt id of the client'],
    ['refused', 'refuses what cannot run'],
    ['missing-model', 'refuses a model that it does not have', { models: { checkpoints: [] } }],
    ['upload-and-edit', 'gives another name to other bytes'],
    ['interrupted', 'interrupts one prompt, deletes one and finishes one', { hold: true }],
    ['failed', 'tells of a node that throws'],
    ['reconnect', 'replays nothing to a socket that comes back', { hold: true }],
  ];
  let server: ComfyuiServer | undefined;
  afterEach(() => server?.close());

  for (const [name, title, options] of rows) {
    it(`${title}, in the very words of a real one`, async () => {
      server = await startComfyuiServer(options);
      if (name === 'failed') {
        server.runs({ failAt: 'LoadImage', failWith: { type: 'OSError', message: 'Truncated File Read\n' } });
      }
      const events = recording(name);
      assert.deepEqual(await replay(server, events), recorded(events));
    });
  }

  it('answers what it made before from its cache, in the very words of a real one', async () => {
    server = await startComfyuiServer();
    await replay(server, recording('success'));
    const events = recording('cached');
    assert.deepEqual(await replay(server, events), recorded(events));
  });

  it('makes PNGs that decode and carry their graph', async () => {
    server = await startComfyuiServer();
    await replay(server, recording('success'));
    const bytes = server.file('output', 'rec_00001_.png') ?? Buffer.alloc(0);
    const { width, height, format } = await sharp(bytes).metadata();
    assert.deepEqual({ width, height, format }, { width: 64, height: 64, format: 'png' });
    assert.match(pngText(bytes).prompt ?? '', /^\{"1": \{"class_type": "EmptyImage", "inputs": \{"width": 64, /);
  });

  it('forgets queue, history and cache when it is started again, and keeps its port and files', async () => {
    server = await startComfyuiServer();
    await replay(server, recording('success'));
    const { port, accepted } = server;
    await server.stop();
    await server.start();
    // The client's connections of before are dead; it learns that by using them.
    await fetch(server.url).catch(() => undefined);
    assert.equal(server.port, port);
    assert.deepEqual(await (await fetch(`${server.url}/history/${accepted[0] ?? ''}`)).json(), {});
    assert.equal((await fetch(`${server.url}/view?filename=rec_00001_.png&type=output`)).status, 200);
  });
});
