import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import * as z from 'zod';

import type { Clock } from '../../../base/clock.ts';
import { fileError, LakesideError } from '../../../base/errors.ts';
import type { Settings } from '../../../protocol/settings.ts';
import type { GenerationValues, InputField } from '../../../protocol/studioValues.ts';
import { formatOf, MIME_OF } from '../../images/imageFormat.ts';
import type { PartContext, PartRequest, ProducedImage, Provider, ProviderCapabilities, Ticket } from '../provider.ts';
import { readServiceUrl, type ServiceUrl } from '../serviceUrl.ts';
import { API_LIMITS, type ApiAnswer, ApiClient, type ApiLimits } from './apiClient.ts';
import { nonsenseError, outcomeUnknownError, refusedError } from './apiErrors.ts';
import { type AnsweredImage, type AnswerTicket, KeptAnswer, ticketSchema } from './keptAnswer.ts';

export interface HttpImagesOptions {
  readonly api: Settings['studio.apis'][number];
  readonly clock: Clock;
  /** The key for this API now; undefined where there is none. */
  readonly secret: () => Promise<string | undefined>;
  readonly limits?: Partial<ApiLimits>;
}

const answerSchema = z.object({
  data: z
    .array(z.object({ b64_json: z.string().nullish(), url: z.string().nullish() }))
    .min(1)
    .max(16),
});

/** Answers that are held where the disk takes none. */
const MAX_UNKEPT = 8;
const UNKEPT = { unkept: true } as const;

const SIZE = { type: 'integer', default: 1_024, min: 64, max: 8_192, step: 8 } as const;

/**
 * A service with OpenAI's image API: `images/generations`, and `images/edits` where an image is given. It knows no work
 * that goes on after a request ends, so an answer is kept in the part's folder before the ticket is given.
 */
export class HttpImagesProvider implements Provider {
  readonly name: string;
  readonly kind = 'http';
  readonly detail: string;
  readonly capabilities: ProviderCapabilities = { workflows: false, seeds: false, parallel: 2, needsTrust: false };
  readonly #api: HttpImagesOptions['api'];
  readonly #address: ServiceUrl;
  readonly #secret: HttpImagesOptions['secret'];
  readonly #client: ApiClient;
  /** By submission. */
  readonly #unkept = new Map<string, readonly AnsweredImage[]>();

  constructor({ api, clock, secret, limits }: HttpImagesOptions) {
    this.name = api.name;
    this.#address = readServiceUrl(api.url);
    this.#api = { ...api, url: this.#address.url };
    this.#secret = secret;
    this.#client = new ApiClient(this.#api, clock, { ...API_LIMITS, ...limits });
    const { host } = new URL(this.#api.url);
    this.detail = api.model === undefined ? host : `${api.model} at ${host}`;
  }

  async check(signal: AbortSignal): Promise<void> {
    const key = await this.#key();
    const answer = await this.#client.get(this.#route('/models'), this.#authorization(key), signal);
    // Not every service lists its models; that it refuses the key it says all the same.
    if (answer.status < 400 || answer.status === 404 || answer.status === 405) return;
    throw this.#refused(answer, key);
  }

  fields(): Promise<{ fields: readonly InputField[]; problems: readonly never[] }> {
    const model = this.#api.model === undefined ? {} : { default: this.#api.model };
    return Promise.resolve({
      fields: [
        { name: 'model', label: 'Model', type: 'text', ...model },
        { name: 'width', label: 'Width', ...SIZE },
        { name: 'height', label: 'Height', ...SIZE },
        { name: 'quality', label: 'Quality', type: 'text' },
        { name: 'image', label: 'Image to edit', type: 'image' },
      ],
      problems: [],
    });
  }

  async submit(request: PartRequest, context: PartContext): Promise<Ticket> {
    const key = await this.#key();
    const kept = new KeptAnswer(request.scratch);
    const values = request.snapshot.generation.values;
    const input = await readInput(values.image);
    const fields = this.#fieldsOf(request);
    const url = this.#route(`/images/${input === undefined ? 'generations' : 'edits'}`);
    const body = input === undefined ? JSON.stringify(fields) : formOf(fields, input);
    const headers = {
      ...this.#authorization(key),
      ...(input === undefined ? { 'content-type': 'application/json' } : {}),
      'idempotency-key': request.submission,
    };
    context.progress(0, `Waiting for ${this.name}`);
    try {
      const answer = await this.#client.make(
        { url, headers, body, signal: context.signal },
        (sent) => kept.mark(sent),
        (ms) => context.progress(0, `${this.name} is busy; asking again in ${Math.ceil(ms / 1_000)} s`),
      );
      return await this.#keep(kept, request.submission, this.#imagesOf(answer));
    } catch (error) {
      throw redacted(error, key);
    }
  }

  adopt(request: PartRequest, ticket: Ticket | undefined): Promise<Ticket | undefined> {
    const kept = new KeptAnswer(request.scratch);
    const known = ticket ?? kept.read() ?? (this.#unkept.has(request.submission) ? UNKEPT : undefined);
    if (known !== undefined || !kept.wasSent) return Promise.resolve(known);
    return Promise.reject(outcomeUnknownError(this.#api, 'Lakeside ended before the answer came'));
  }

  async observe(request: PartRequest, ticket: Ticket, context: PartContext): Promise<readonly ProducedImage[]> {
    const produced: ProducedImage[] = [];
    for (const image of this.#answered(request, this.#ticketOf(ticket))) {
      if ('bytes' in image) produced.push({ kind: 'bytes', bytes: image.bytes });
      else if ('file' in image) produced.push({ kind: 'file', path: image.file });
      else produced.push({ kind: 'bytes', bytes: await this.#download(image.url, context.signal) });
    }
    return produced;
  }

  /** The pictures are paid for: where the disk does not take them, they are held here until it does. */
  async #keep(kept: KeptAnswer, submission: string, images: readonly AnsweredImage[]): Promise<Ticket> {
    try {
      return { ...(await kept.keep(images)) };
    } catch {
      const [oldest] = this.#unkept.keys();
      if (oldest !== undefined && this.#unkept.size >= MAX_UNKEPT) this.#unkept.delete(oldest);
      this.#unkept.set(submission, images);
      return UNKEPT;
    }
  }

  #answered({ submission }: PartRequest, ticket: AnswerTicket): readonly (AnsweredImage | { readonly file: string })[] {
    if ('images' in ticket) return ticket.images;
    const images = this.#unkept.get(submission);
    if (images !== undefined) return images;
    throw outcomeUnknownError(this.#api, 'what it made was lost: the disk did not take it');
  }

  /** The request has ended with its answer; there is nothing that goes on. */
  cancel(): Promise<void> {
    return Promise.resolve();
  }

  /** Some services want a version in the query of every address. */
  #route(path: string): string {
    return `${this.#address.url}${path}${this.#address.query}`;
  }

  /** @throws LakesideError PROVIDER_REFUSED: `fetch` would quote a key that is no header's value */
  async #key(): Promise<string | undefined> {
    const key = await this.#secret();
    if (key === undefined || /^[\x21-\x7e]*$/.test(key)) return key;
    throw new LakesideError(
      'PROVIDER_REFUSED',
      'validation',
      `The key for ${this.name} holds blanks or letters that no key has. Set it again with "Lakeside: Set API key".`,
      { context: { provider: this.name } },
    );
  }

  #authorization(key: string | undefined): Record<string, string> {
    const authorization = key === undefined || key === '' ? this.#address.basic : `Bearer ${key}`;
    return authorization === undefined ? {} : { authorization };
  }

  /** What is sent; values that we do not know go as they are. */
  #fieldsOf({ snapshot }: PartRequest): Record<string, string | number | boolean> {
    const { prompt, negative } = snapshot.merged;
    const { width, height, image: _image, model = this.#api.model, ...others } = snapshot.generation.values;
    const size = typeof width === 'number' && typeof height === 'number' ? { size: `${width}x${height}` } : {};
    return {
      ...withoutEmpty(others),
      ...(model === undefined || model === '' ? {} : { model }),
      // The API knows no negative prompt, and refuses a field that it does not know.
      prompt: negative === '' ? prompt : `${prompt}\n\nAvoid: ${negative}`,
      n: 1,
      ...size,
    };
  }

  #imagesOf(answer: ApiAnswer): AnsweredImage[] {
    const parsed = answerSchema.safeParse(parseJson(answer.bytes));
    if (!parsed.success) {
      const what = answer.type.includes('html')
        ? 'a web page where JSON was asked for'
        : 'something that names no pictures';
      throw nonsenseError(this.#api, what);
    }
    return parsed.data.data.map(({ b64_json: base64, url }) => {
      if (typeof base64 === 'string') return { bytes: Buffer.from(base64, 'base64') };
      if (typeof url === 'string' && /^https?:\/\//i.test(url)) return { url };
      throw nonsenseError(this.#api, 'neither a picture nor an address of one');
    });
  }

  #ticketOf(ticket: Ticket): AnswerTicket {
    const parsed = ticketSchema.safeParse(ticket);
    if (parsed.success) return parsed.data;
    throw outcomeUnknownError(this.#api, 'what was noted of its answer cannot be read');
  }

  /** From wherever the service keeps it, without the key. */
  async #download(url: string, signal: AbortSignal): Promise<Uint8Array> {
    const answer = await this.#client.get(url, {}, signal);
    if (answer.status < 300) return answer.bytes;
    const error = refusedError(this.#api, answer.status, '');
    throw error.retryable
      ? error
      : nonsenseError(this.#api, `the address of a picture that is not there (HTTP ${answer.status})`);
  }

  #refused(answer: ApiAnswer, key: string | undefined): LakesideError {
    return redacted(refusedError(this.#api, answer.status, new TextDecoder().decode(answer.bytes)), key);
  }
}

function withoutEmpty(values: GenerationValues): GenerationValues {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
}

interface InputImage {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

async function readInput(path: GenerationValues[string] | undefined): Promise<InputImage | undefined> {
  if (typeof path !== 'string' || path === '') return undefined;
  try {
    return { name: basename(path), bytes: new Uint8Array(await readFile(path)) };
  } catch (error) {
    throw fileError('read', path, error);
  }
}

function formOf(fields: Readonly<Record<string, string | number | boolean>>, input: InputImage): FormData {
  const format = formatOf(input.bytes);
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, String(value));
  form.append('image', new Blob([input.bytes], { type: format === undefined ? '' : MIME_OF[format] }), input.name);
  return form;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

/** Some services quote the key they were sent. */
function redacted(error: unknown, key: string | undefined): LakesideError {
  if (!(error instanceof LakesideError)) throw error;
  if (key === undefined || key === '' || !error.message.includes(key)) return error;
  const { code, category, context, retryable } = error;
  return new LakesideError(code, category, error.message.replaceAll(key, '…'), { context, retryable });
}
