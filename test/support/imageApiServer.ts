import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { picturePng } from './pngBytes.ts';

/** One answer to a request for pictures: `picture` and `address` are good ones, all others lie or fail. */
export type ImageApiAnswer =
  | 'picture'
  | 'address'
  | 'policy'
  | 'html'
  | 'empty'
  | 'not json'
  | 'no picture'
  | 'hang'
  | 'cut'
  | 'endless'
  | 'redirect'
  | { readonly status: number; readonly retryAfter?: string; readonly body?: string };

export interface ImageApiRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface ImageApiServer {
  /** As a setting has it, with `/v1`. */
  readonly url: string;
  /** What was asked, in order, without the pictures fetched by address. */
  readonly requests: readonly ImageApiRequest[];
  /** What each request of any kind said as `authorization`. */
  readonly keys: () => readonly (string | undefined)[];
  /** Pictures made, as if each were charged. */
  readonly made: () => number;
  /** Called when the next request has arrived whole. */
  readonly onRequest: (listener: () => void) => void;
  close(): Promise<void>;
}

/**
 * A server with OpenAI's image API that does as it is told, one answer after another; the last one from then on.
 * @param options.key the only key it takes
 * @param options.gone whether the addresses it gives lead nowhere
 */
export async function startImageApiServer(
  answers: readonly ImageApiAnswer[],
  options: { readonly key?: string; readonly gone?: boolean } = {},
): Promise<ImageApiServer> {
  const requests: ImageApiRequest[] = [];
  const keys: (string | undefined)[] = [];
  let made = 0;
  let listener: (() => void) | undefined;
  const picture = (): Buffer => picturePng({ width: 64, height: 48, seed: ++made });
  const server = createServer((request, response) => {
    const respond = (body: Buffer): void => {
      const path = request.url ?? '';
      keys.push(request.headers.authorization);
      if (path.startsWith('/pictures/')) {
        sendPicture(request, response);
        return;
      }
      const answer = answers[Math.min(requests.length, answers.length - 1)] ?? 'picture';
      const isMaking = path.startsWith('/v1/images/');
      if (isMaking) requests.push({ path, headers: request.headers, body });
      listener?.();
      if (options.key !== undefined && request.headers.authorization !== `Bearer ${options.key}`) {
        const said = `Incorrect API key provided: ${request.headers.authorization?.slice(7) ?? ''}`;
        sendJson(response, 401, { error: { message: said, code: 'invalid_api_key' } });
      } else if (isMaking) reply(response, answer);
      else sendJson(response, path === '/v1/models' ? 200 : 404, { data: [] });
    };
    void readBody(request).then(respond);
  });
  const sendPicture = (request: IncomingMessage, response: ServerResponse): void => {
    // A key that follows an address would go to whoever the service names.
    if (request.headers.authorization !== undefined) sendJson(response, 400, {});
    else if (request.url === '/pictures/gone') sendJson(response, 403, {});
    else response.writeHead(200, { 'content-type': 'image/png' }).end(picturePng({ width: 64, height: 48 }));
  };
  const reply = (response: ServerResponse, answer: ImageApiAnswer): void => {
    if (typeof answer === 'object') {
      const headers = answer.retryAfter === undefined ? {} : { 'retry-after': answer.retryAfter };
      response.writeHead(answer.status, headers).end(answer.body ?? '{"error":{"message":"busy"}}');
      return;
    }
    const page = '<!doctype html><h1>Welcome</h1>';
    const answersOf: Record<typeof answer, () => unknown> = {
      picture: () => sendJson(response, 200, { data: [{ b64_json: picture().toString('base64') }] }),
      address: () => {
        made++;
        sendJson(response, 200, {
          data: [{ url: `${origin()}/pictures/${options.gone === true ? 'gone' : made}` }],
        });
      },
      policy: () =>
        sendJson(response, 400, {
          error: { message: 'Your request was rejected by the safety system.', code: 'moderation_blocked' },
        }),
      html: () => response.writeHead(200, { 'content-type': 'text/html' }).end(page),
      empty: () => sendJson(response, 200, { data: [] }),
      'not json': () => response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":['),
      'no picture': () => sendJson(response, 200, { data: [{ revised_prompt: 'a fox' }] }),
      hang: () => undefined,
      cut: () => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' }).write('{"data":[');
        setImmediate(() => response.destroy());
      },
      endless: () => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const go = (): void => {
          if (!response.destroyed) response.write(' '.repeat(64 * 1024), () => setImmediate(go));
        };
        go();
      },
      redirect: () => response.writeHead(302, { location: '/v1/elsewhere' }).end(),
    };
    answersOf[answer]();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin()}/v1`,
    requests,
    keys: () => keys,
    made: () => made,
    onRequest: (next) => (listener = next),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
