import * as z from 'zod';

import type { Clock } from '../../../base/clock.ts';
import { parseLooseJson } from '../../metadata/looseJson.ts';
import { readNodeDescriptions, type NodeDescription } from '../../workflows/nodeDescription.ts';
import {
  acceptedSchema,
  type HistoryEntry,
  historySchema,
  type OutputFile,
  queueSchema,
  refusedSchema,
  statsSchema,
  uploadedSchema,
} from './answers.ts';
import { type Answer, ComfyuiHttp, type ComfyuiLimits } from './comfyuiHttp.ts';
import { promptRefused } from './promptRefused.ts';

export interface ComfyuiServerSettings {
  readonly name: string;
  readonly url: string;
  readonly hourlyPrice?: number | undefined;
  readonly maxConcurrent?: number | undefined;
}

export interface QueueView {
  /** Ids of prompts, in the order they run. */
  readonly running: readonly string[];
  readonly pending: readonly string[];
  /** Ids of prompts by the id of the client that sent them. */
  readonly byClient: ReadonlyMap<string, string>;
}

/** Of a queue, a history, a node's description; more is a server that lies. */
const MAX_JSON_BYTES = 64 * 1024 * 1024;
/** Of the newest in the history that are looked through for a client's id. */
const HISTORY_LOOKED_AT = 64;

/** The requests of one ComfyUI: each answer is parsed, each failure a LakesideError. */
export class ComfyuiClient {
  readonly name: string;
  /** Without a slash at its end, and without a password. */
  readonly url: string;
  readonly maxConcurrent: number;
  readonly #http: ComfyuiHttp;
  readonly #limits: ComfyuiLimits;

  constructor(server: ComfyuiServerSettings, clock: Clock, limits: ComfyuiLimits) {
    this.name = server.name;
    this.maxConcurrent = server.maxConcurrent ?? 1;
    this.#http = new ComfyuiHttp(server, clock, limits);
    this.#limits = limits;
    this.url = this.#http.url;
  }

  /** @throws LakesideError PROVIDER_AWAY, PROVIDER_TIMEOUT, PROVIDER_REFUSED, PROVIDER_NONSENSE, CANCELED; so do all below */
  async check(signal: AbortSignal): Promise<void> {
    await this.#json('/system_stats', statsSchema, signal);
  }

  async queue(signal: AbortSignal): Promise<QueueView> {
    const said = await this.#json('/queue', queueSchema, signal);
    const byClient = new Map<string, string>();
    const ids = (entries: readonly (readonly unknown[])[]): string[] =>
      // The server keeps them as a heap: their numbers are their order.
      [...entries]
        .sort(([a], [b]) => Number(a) - Number(b))
        .flatMap(([, id, , extra]) => {
          if (typeof id !== 'string') return [];
          const client = clientIdOf(extra);
          if (client !== undefined) byClient.set(client, id);
          return [id];
        });
    return { running: ids(said.queue_running), pending: ids(said.queue_pending), byClient };
  }

  async history(id: string, signal: AbortSignal): Promise<HistoryEntry | undefined> {
    const said = await this.#json(`/history/${encodeURIComponent(id)}`, historySchema, signal);
    // A server that gives ids of its own may call one as it likes.
    return Object.hasOwn(said, id) ? said[id] : undefined;
  }

  /** Looks for a finished prompt of a client among the newest, for servers that give prompts ids of their own. */
  async finishedOfClient(clientId: string, signal: AbortSignal): Promise<string | undefined> {
    const newest = await this.#json(`/history?max_items=${HISTORY_LOOKED_AT}`, historySchema, signal);
    return Object.entries(newest).find(([, entry]) => clientIdOf(entry.prompt?.[3]) === clientId)?.[0];
  }

  /** @returns the descriptions of those of the classes that it has */
  async describe(kinds: readonly string[], signal: AbortSignal): Promise<Map<string, NodeDescription>> {
    const all = new Map<string, NodeDescription>();
    const waiting = [...new Set(kinds)];
    const lane = async (): Promise<void> => {
      for (let kind = waiting.shift(); kind !== undefined; kind = waiting.shift()) {
        const path = `/object_info/${encodeURIComponent(kind)}`;
        const said = readNodeDescriptions(await this.#json(path, z.unknown(), signal));
        if (said === undefined) throw this.#http.nonsense(path, 'something else than descriptions of nodes');
        const description = said.get(kind);
        if (description !== undefined) all.set(kind, description);
      }
    };
    await Promise.all([lane(), lane(), lane(), lane()]);
    return all;
  }

  /**
   * Queues a prompt.
   * @returns its id: the one given, or on servers that take none their own
   * @throws LakesideError also what is wrong with it, as `promptRefused` says
   */
  async prompt(graph: unknown, id: string, clientId: string, signal: AbortSignal): Promise<string> {
    const body = JSON.stringify({ prompt: graph, client_id: clientId, prompt_id: id });
    const headers = { 'content-type': 'application/json' };
    const timeoutMs = this.#limits.sendMs;
    const answer = await this.#http.send('/prompt', {
      method: 'POST',
      body,
      headers,
      signal,
      timeoutMs,
      accept: [400],
    });
    const said = await this.#parsed('/prompt', answer, z.union([acceptedSchema, refusedSchema]));
    if ('prompt_id' in said && answer.status !== 400) return z.string().parse(said.prompt_id);
    throw promptRefused(refusedSchema.parse(said), this.name);
  }

  /** @returns the value of a node's input that means the image */
  async upload(name: string, bytes: Uint8Array, signal: AbortSignal): Promise<string> {
    const body = new FormData();
    body.set('image', new Blob([new Uint8Array(bytes)]), name);
    body.set('type', 'input');
    const timeoutMs = this.#limits.transferMs;
    const answer = await this.#http.send('/upload/image', { method: 'POST', body, signal, timeoutMs });
    const uploaded = await this.#parsed('/upload/image', answer, uploadedSchema);
    return uploaded.subfolder === '' ? uploaded.name : `${uploaded.subfolder}/${uploaded.name}`;
  }

  /** @returns the bytes of a file that a run made; undefined when it is not there */
  async view(file: OutputFile, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const { filename, subfolder, type } = file;
    const query = new URLSearchParams({ filename, subfolder, type });
    const path = `/view?${query.toString()}`;
    const answer = await this.#http.send(path, { signal, timeoutMs: this.#limits.transferMs, accept: [404] });
    if (answer.status === 404) {
      await answer.drop();
      return undefined;
    }
    if (/text\/html|json/.test(answer.type)) {
      await answer.drop();
      throw this.#http.nonsense(path, `${answer.type} where an image was asked for`);
    }
    return answer.bytes(this.#limits.imageBytes);
  }

  /** Removes a waiting prompt; one that is not waiting is left alone. */
  async removePending(id: string, signal: AbortSignal): Promise<void> {
    await this.#command('/queue', { delete: [id] }, signal);
  }

  /** Interrupts a prompt. Servers of before 2025 interrupt whichever runs: ask first whether it is this one. */
  async interrupt(id: string, signal: AbortSignal): Promise<void> {
    await this.#command('/interrupt', { prompt_id: id }, signal);
  }

  /** Where and with what headers a socket is opened. */
  async socket(
    clientId: string,
    signal: AbortSignal,
  ): Promise<{ url: string; headers: Readonly<Record<string, string>> }> {
    const { url, headers } = await this.#http.target(`/ws?clientId=${encodeURIComponent(clientId)}`, signal);
    return { url: url.replace(/^http/, 'ws'), headers };
  }

  async #command(path: string, body: unknown, signal: AbortSignal): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const timeoutMs = this.#limits.answerMs;
    const answer = await this.#http.send(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers,
      signal,
      timeoutMs,
    });
    await answer.drop();
  }

  async #json<T>(path: string, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    const answer = await this.#http.send(path, { signal, timeoutMs: this.#limits.answerMs });
    return this.#parsed(path, answer, schema);
  }

  async #parsed<T>(path: string, answer: Answer, schema: z.ZodType<T>): Promise<T> {
    const text = new TextDecoder().decode(await answer.bytes(MAX_JSON_BYTES));
    const value = parseLooseJson(text);
    if (value === undefined) {
      const what = /^\s*</.test(text) ? 'a web page' : 'something that is not JSON';
      throw this.#http.nonsense(path, `${what} where JSON was asked for`);
    }
    const parsed = schema.safeParse(value);
    if (!parsed.success) throw this.#http.nonsense(path, "JSON of another shape than ComfyUI's");
    return parsed.data;
  }
}

function clientIdOf(extra: unknown): string | undefined {
  const parsed = z.looseObject({ client_id: z.string() }).safeParse(extra);
  return parsed.success ? parsed.data.client_id : undefined;
}
