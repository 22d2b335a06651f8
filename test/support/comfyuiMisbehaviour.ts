import type { IncomingMessage, ServerResponse } from 'node:http';

/** Ways a server answers that no client wants. */
export type Misbehaviour =
  /** Another status, with a body of its own. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body?: string;
      readonly type?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** A page for people, with status 200: a proxy's login, a router. */
  | { readonly kind: 'html' }
  /** Any text as JSON. */
  | { readonly kind: 'json'; readonly text: string }
  /** Takes the request and says nothing, ever. */
  | { readonly kind: 'hang' }
  /** The answer's head, then nothing. */
  | { readonly kind: 'stall' }
  /** Cuts the connection before it has done anything. */
  | { readonly kind: 'drop' }
  /** Does what was asked, then cuts the connection instead of answering. */
  | { readonly kind: 'lose' }
  /** Half of the answer, then the connection is cut. */
  | { readonly kind: 'half' }
  /** A body that never ends, as fast as it is taken. */
  | { readonly kind: 'endless' }
  /** Does what was asked and answers after so many milliseconds. */
  | { readonly kind: 'late'; readonly ms: number };

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

export function json(body: unknown, status = 200): Answer {
  return { status, type: 'application/json; charset=utf-8', body: Buffer.from(JSON.stringify(body)) };
}

export function empty(status = 200): Answer {
  return { status, type: 'application/octet-stream', body: Buffer.alloc(0) };
}

const PAGE = '<!doctype html><html><head><title>Sign in</title></head><body><h1>Please sign in</h1></body></html>';

export function send(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, {
    'content-type': answer.type,
    'content-length': answer.body.length,
    ...answer.headers,
  });
  response.end(answer.body);
}

/** Answers as badly as told. `make` does the work and gives the right answer. */
export async function misbehave(
  how: Misbehaviour,
  request: IncomingMessage,
  response: ServerResponse,
  make: () => Promise<Answer>,
): Promise<void> {
  switch (how.kind) {
    case 'status': {
      const body = Buffer.from(how.body ?? `${how.status}: Made up`);
      const more = how.headers === undefined ? {} : { headers: how.headers };
      send(response, { status: how.status, type: how.type ?? 'text/plain; charset=utf-8', body, ...more });
      return;
    }
    case 'html':
      send(response, { status: 200, type: 'text/html; charset=utf-8', body: Buffer.from(PAGE) });
      return;
    case 'json':
      send(response, { status: 200, type: 'application/json; charset=utf-8', body: Buffer.from(how.text) });
      return;
    case 'hang':
      return;
    case 'stall': {
      const answer = await make();
      response.writeHead(answer.status, { 'content-type': answer.type, 'content-length': answer.body.length });
      response.flushHeaders();
      return;
    }
    case 'drop':
      request.socket.destroy();
      return;
    case 'lose':
      await make();
      request.socket.destroy();
      return;
    case 'half': {
      const answer = await make();
      response.writeHead(answer.status, { 'content-type': answer.type, 'content-length': answer.body.length });
      response.write(answer.body.subarray(0, Math.floor(answer.body.length / 2)), () => request.socket.destroy());
      return;
    }
    case 'endless': {
      response.writeHead(200, { 'content-type': 'image/png' });
      const block = Buffer.alloc(1 << 20, 0x41);
      const fill = (): void => {
        while (!response.destroyed && response.write(block));
        if (!response.destroyed) response.once('drain', fill);
      };
      fill();
      return;
    }
    case 'late': {
      const answer = await make();
      setTimeout(() => send(response, answer), how.ms).unref();
      return;
    }
  }
}
