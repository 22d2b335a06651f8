import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

import { type Graph, judgeGraph } from './comfyuiGraph.ts';
import { type Answer, empty, json, misbehave, type Misbehaviour, send } from './comfyuiMisbehaviour.ts';
import { type ModelFolders, type NodeInfo, nodeInfos, recordedAnswer, withComboOptions } from './comfyuiNodes.ts';
import { ComfyuiRuns, type QueuedPrompt, type RunOptions } from './comfyuiRuns.ts';
import { pngSize } from './pngBytes.ts';

export interface ComfyuiServerOptions {
  /** 0, which is the default, for any free one. */
  readonly port?: number;
  /** Where its routes stand; a real one has both. */
  readonly routes?: 'both' | 'bare' | 'api';
  readonly models?: Partial<ModelFolders>;
  /** Classes it does not have. */
  readonly without?: readonly string[];
  /** Further nodes. */
  readonly nodes?: Readonly<Record<string, NodeInfo>>;
  /** Says its choices as newer servers do. */
  readonly comboOptions?: boolean;
  /** Gives prompts ids of its own, as servers of before 2025 do. */
  readonly ownIds?: boolean;
  /** Milliseconds between two things a run says; 0 if not given. */
  readonly pace?: number;
  /** Holds every run in its middle until `release`. */
  readonly hold?: boolean;
}

export interface SeenRequest {
  readonly method: string;
  /** With its query, without /api. */
  readonly path: string;
  /** Parsed, where it was JSON. */
  readonly body: unknown;
}

export interface ComfyuiServer {
  readonly url: string;
  readonly port: number;
  /** Every request since the start, in order. */
  readonly requests: readonly SeenRequest[];
  /** Ids of every prompt that it accepted, since the start; a client that pays twice shows here. */
  readonly accepted: readonly string[];
  /** The graph of an accepted prompt. */
  graph(id: string): Graph | undefined;
  readonly sockets: number;
  /** Ids of what runs and waits now. */
  queue(): { running: string[]; pending: string[] };
  /** From now on runs stop in their middle. */
  hold(): void;
  /** Lets the held run go on, and those after it. */
  release(): void;
  /** Resolves when a run is held; gives its prompt's id. */
  held(): Promise<string>;
  /** What is wrong with the runs from now on; `{}` for nothing. */
  runs(options: RunOptions): void;
  /** Requests of this path (as `/prompt`, `/view`) are answered so, `times` times (for ever, if not given). */
  misbehave(path: string, how: Misbehaviour, times?: number): void;
  /** Nothing is wrong any more. */
  behave(): void;
  /** `refuse`: no socket can be opened; `silent`: they open and say nothing; `noisy`: they also say nonsense. */
  setSockets(mode: 'normal' | 'refuse' | 'silent' | 'noisy'): void;
  /** Cuts every open socket. */
  dropSockets(): void;
  /** Adds a prompt of somebody else's, which runs as any other. */
  submit(graph: Graph): string;
  /** Adds prompts that wait for ever, so that the server looks busy. */
  pretendBusy(pending: number): void;
  /** Puts an image into the folder of outputs, temporary ones or inputs. */
  putFile(type: 'input' | 'output' | 'temp', name: string, bytes: Buffer): void;
  /** What was uploaded, by name. */
  file(type: 'input' | 'output' | 'temp', name: string): Buffer | undefined;
  /** Forgets what it has finished, as `POST /history {clear}` of somebody else's does. */
  loseHistory(): void;
  /** Ends without a word; connections are cut. Queue and history are gone, files stay. */
  stop(): Promise<void>;
  /** Starts again on the same port. */
  start(): Promise<void>;
  close(): Promise<void>;
}

const NO_MODELS: ModelFolders = {
  checkpoints: ['sd_xl_base_1.0.safetensors', 'v1-5-pruned-emaonly.safetensors'],
  loras: ['detail.safetensors', 'film.safetensors'],
  vae: ['sdxl_vae.safetensors'],
  diffusion_models: ['flux1-dev.safetensors'],
  text_encoders: ['clip_l.safetensors', 't5xxl_fp16.safetensors'],
  upscale_models: ['4x-UltraSharp.pth'],
};

/**
 * A ComfyUI for tests: its protocol as 0.3.64 speaks it (`test/integration/comfyuiServer.test.ts` holds it against the
 * recordings), real PNGs, and every way to misbehave.
 */
export async function startComfyuiServer(options: ComfyuiServerOptions = {}): Promise<ComfyuiServer> {
  const models: ModelFolders = { ...NO_MODELS, ...options.models };
  const files = new Map<string, Buffer>();
  const requests: SeenRequest[] = [];
  const bad = new Map<string, { how: Misbehaviour; times: number }>();
  const sockets = new Map<WebSocket, { clientId: string; metadata: boolean }>();
  let socketMode: 'normal' | 'refuse' | 'silent' | 'noisy' = 'normal';
  let server: Server | undefined;
  let port = options.port ?? 0;

  const infos = (): Record<string, NodeInfo> => {
    const inputs = [...files.keys()].filter((key) => key.startsWith('input/')).map((key) => key.slice(6));
    const all = { ...nodeInfos(models, inputs.sort()), ...options.nodes };
    const here = Object.fromEntries(Object.entries(all).filter(([name]) => options.without?.includes(name) !== true));
    return options.comboOptions === true ? withComboOptions(here) : here;
  };

  const runs = new ComfyuiRuns({
    pace: options.pace ?? 0,
    hold: options.hold ?? false,
    infos,
    writeFile: (type, name, bytes) => files.set(`${type}/${name}`, bytes),
    hasFile: (type, name) => files.has(`${type}/${name}`),
    sizeOfInput: (name) => pngSize(files.get(`input/${name}`) ?? Buffer.alloc(0)),
    tell(clientId, message) {
      if (socketMode === 'silent') return;
      for (const [socket, client] of sockets) {
        if (clientId === undefined || client.clientId === clientId) socket.send(JSON.stringify(message));
      }
    },
    preview(clientId, promptId, node, image) {
      if (socketMode === 'silent') return;
      for (const [socket, client] of sockets) {
        if (client.clientId === clientId) socket.send(previewMessage(client.metadata, promptId, node, image));
      }
    },
  });

  function welcome(socket: WebSocket, clientId: string): void {
    const client = { clientId, metadata: false };
    sockets.set(socket, client);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.terminate());
    if (socketMode === 'silent') return;
    socket.send(JSON.stringify({ type: 'status', data: { status: runs.status(), sid: clientId } }));
    const node = runs.currentNode(clientId);
    if (node !== undefined) socket.send(JSON.stringify({ type: 'executing', data: { node } }));
    if (socketMode === 'noisy') {
      socket.send('not JSON at all');
      socket.send('[1, 2, 3]');
      socket.send(JSON.stringify({ type: 'executing', data: { node: null, prompt_id: randomUUID() } }));
      socket.send(JSON.stringify({ type: 'progress', data: { value: 'much', max: null } }));
      socket.send(Buffer.from([0, 0]));
      socket.send(Buffer.from([0, 0, 0, 99, 1, 2, 3, 4, 5]));
      socket.send(Buffer.from([0, 0, 0, 4, 0xff, 0xff, 0xff, 0xff, 1]));
    }
    socket.on('message', (data: Buffer) => {
      const message = parse(data.toString('utf8')) as { type?: string; data?: { supports_preview_metadata?: boolean } };
      if (message.type !== 'feature_flags') return;
      client.metadata = message.data?.supports_preview_metadata === true;
      const features = recordedAnswer('information', '/features').body;
      socket.send(JSON.stringify({ type: 'feature_flags', data: features }));
    });
  }

  async function answer(
    method: string,
    route: string,
    query: URLSearchParams,
    body: Buffer,
    type: string,
  ): Promise<Answer> {
    const said = type.startsWith('application/json') ? parse(body.toString('utf8')) : undefined;
    requests.push({ method, path: query.size === 0 ? route : `${route}?${query.toString()}`, body: said });
    const [, head = '', rest = ''] = /^\/([^/]+)(?:\/(.*))?$/.exec(route) ?? [];
    switch (`${method} ${head}`) {
      case 'POST prompt':
        return answerPrompt(
          said as { prompt?: Graph; prompt_id?: string; client_id?: string; extra_data?: QueuedPrompt['extra'] },
        );
      case 'GET prompt':
        return json(runs.status());
      case 'GET queue':
        return json(runs.queue());
      case 'POST queue':
        for (const id of (said as { delete?: string[] }).delete ?? []) runs.remove(id);
        return empty();
      case 'POST interrupt':
        runs.interrupt((said as { prompt_id?: string } | undefined)?.prompt_id);
        return empty();
      case 'GET history':
        return json(runs.history(rest));
      case 'GET object_info': {
        const all = infos();
        const info = all[decodeURIComponent(rest)];
        if (rest === '') return json(all);
        return json(info === undefined ? {} : { [info.name]: info });
      }
      case 'GET system_stats':
      case 'GET features':
      case 'GET models': {
        const folders: Readonly<Record<string, readonly string[]>> = { ...models };
        if (rest !== '') return folders[rest] === undefined ? empty(404) : json(folders[rest]);
        return json(recordedAnswer('information', route).body);
      }
      case 'GET view':
        return view(query);
      case 'POST upload':
        return upload(body, type);
      default:
        return { status: 404, type: 'text/plain; charset=utf-8', body: Buffer.from('404: Not Found') };
    }
  }

  function answerPrompt(said: {
    prompt?: Graph;
    prompt_id?: string;
    client_id?: string;
    extra_data?: QueuedPrompt['extra'];
  }): Answer {
    const outputs = judgeGraph(said.prompt, infos());
    if (!Array.isArray(outputs)) return json(outputs, 400);
    const id = options.ownIds === true ? randomUUID() : (said.prompt_id ?? randomUUID());
    const number = runs.add({
      id,
      graph: said.prompt ?? {},
      clientId: said.client_id,
      extra: said.extra_data ?? {},
      outputs,
    });
    return json({ prompt_id: id, number, node_errors: {} });
  }

  function view(query: URLSearchParams): Answer {
    const name = query.get('filename') ?? '';
    if (name.startsWith('/') || name.includes('..')) return empty(400);
    const subfolder = query.get('subfolder') ?? '';
    const key = `${query.get('type') ?? 'output'}/${subfolder === '' ? '' : `${subfolder}/`}${name}`;
    const bytes = files.get(key);
    if (bytes === undefined) return empty(404);
    const headers = { 'content-disposition': `filename="${name}"`, 'accept-ranges': 'bytes' };
    return { status: 200, type: 'image/png', body: bytes, headers };
  }

  async function upload(body: Buffer, type: string): Promise<Answer> {
    const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
    const image = form.get('image');
    if (!(image instanceof File)) return empty(400);
    const folder = form.get('subfolder');
    const subfolder = typeof folder === 'string' ? folder : '';
    const bytes = Buffer.from(await image.arrayBuffer());
    const dot = image.name.lastIndexOf('.');
    const [stem, extension] = dot < 0 ? [image.name, ''] : [image.name.slice(0, dot), image.name.slice(dot)];
    let name = image.name;
    const key = (): string => `input/${subfolder === '' ? '' : `${subfolder}/`}${name}`;
    for (let number = 1; form.get('overwrite') !== 'true'; number++) {
      const there = files.get(key());
      if (there === undefined || there.equals(bytes)) break;
      name = `${stem} (${number})${extension}`;
    }
    files.set(key(), bytes);
    return json({ name, subfolder, type: 'input' });
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://server');
    const prefixed = /^\/api(?=\/)/.test(url.pathname);
    const route = url.pathname.replace(/^\/api(?=\/)/, '');
    const routes = options.routes ?? 'both';
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const make = (): Promise<Answer> =>
      routes === (prefixed ? 'bare' : 'api') || (prefixed && /^\/(jobs|assets)/.test(route))
        ? Promise.resolve({ status: 404, type: 'text/plain; charset=utf-8', body: Buffer.from('404: Not Found') })
        : answer(
            request.method ?? 'GET',
            route,
            url.searchParams,
            Buffer.concat(chunks),
            request.headers['content-type'] ?? '',
          );
    const wrong = [...bad].find(([path]) => route === path || route.startsWith(`${path}/`))?.[1];
    if (wrong === undefined || wrong.times <= 0) {
      send(response, await make());
      return;
    }
    wrong.times--;
    await misbehave(wrong.how, request, response, make);
  }

  async function start(): Promise<void> {
    const http = createServer((request, response) => {
      handle(request, response).catch(() => request.socket.destroy());
    });
    const sockets_ = new WebSocketServer({ noServer: true });
    http.on('upgrade', (request, socket, head) => {
      const url = new URL(request.url ?? '/', 'http://server');
      const prefixed = url.pathname === '/api/ws';
      const routes = options.routes ?? 'both';
      if (socketMode === 'refuse' || routes === (prefixed ? 'bare' : 'api')) {
        socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
        return;
      }
      sockets_.handleUpgrade(request, socket, head, (opened) => {
        welcome(opened, url.searchParams.get('clientId') ?? randomUUID());
      });
    });
    await new Promise<void>((resolve, reject) => {
      http.once('error', reject);
      http.listen(port, '127.0.0.1', resolve);
    });
    port = (http.address() as AddressInfo).port;
    server = http;
  }

  async function stop(): Promise<void> {
    const running = server;
    server = undefined;
    runs.forget();
    for (const socket of sockets.keys()) socket.terminate();
    sockets.clear();
    if (running === undefined) return;
    const closed = new Promise<void>((resolve) => running.close(() => resolve()));
    running.closeAllConnections();
    await closed;
  }

  await start();
  return {
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    get port() {
      return port;
    },
    requests,
    accepted: runs.accepted,
    graph: (id) => runs.graph(id),
    get sockets() {
      return sockets.size;
    },
    queue: () => runs.ids(),
    hold: () => runs.hold(),
    release: () => runs.release(),
    held: () => runs.held(),
    runs: (wanted) => runs.setOptions(wanted),
    misbehave: (path, how, times = Number.POSITIVE_INFINITY) => bad.set(path, { how, times }),
    behave() {
      bad.clear();
      runs.setOptions({});
      socketMode = 'normal';
    },
    setSockets(mode) {
      socketMode = mode;
    },
    dropSockets() {
      for (const socket of sockets.keys()) socket.terminate();
      sockets.clear();
    },
    submit(graph) {
      const id = randomUUID();
      runs.add({ id, graph, clientId: undefined, extra: {}, outputs: judgeGraph(graph, infos()) as string[] });
      return id;
    },
    pretendBusy: (pending) => runs.pretendBusy(pending),
    putFile: (type, name, bytes) => files.set(`${type}/${name}`, bytes),
    file: (type, name) => files.get(`${type}/${name}`),
    loseHistory: () => runs.loseHistory(),
    stop,
    start,
    close: stop,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** Event 1: format and image. Event 4: length of the metadata, metadata, image. All numbers big-endian. */
function previewMessage(metadata: boolean, promptId: string, node: string, image: Buffer): Buffer {
  const number = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  if (!metadata) return Buffer.concat([number(1), number(1), image]);
  const said = Buffer.from(
    JSON.stringify({
      node_id: node,
      prompt_id: promptId,
      display_node_id: node,
      real_node_id: node,
      image_type: 'image/jpeg',
    }),
  );
  return Buffer.concat([number(4), number(said.length), said, image]);
}
