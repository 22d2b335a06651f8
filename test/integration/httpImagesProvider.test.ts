import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import * as z from 'zod';

import type { Clock } from '../../src/base/clock.ts';
import { systemClock } from '../../src/base/clock.ts';
import { LakesideError } from '../../src/base/errors.ts';
import { defaultSettings } from '../../src/protocol/settings.ts';
import {
  HttpImagesProvider,
  type HttpImagesOptions,
} from '../../src/studio/providers/httpImages/httpImagesProvider.ts';
import type { PartRequest } from '../../src/studio/providers/provider.ts';
import { engines } from '../support/engineOn.ts';
import { type ImageApiAnswer, type ImageApiServer, startImageApiServer } from '../support/imageApiServer.ts';
import { comfyuiPart, type PartFields, watchedContext } from '../support/partOf.ts';
import { picturePng } from '../support/pngBytes.ts';
import { ended, generate, workItem } from '../support/studioOn.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

/** Longer than any pause: what would take so long never comes. */
const NEVER_MS = 1_000_000;
const KEY = 'sk-secret-of-the-test';

/** Pauses are over at once and remembered; time limits are never reached, unless `late`. */
function quickClock(): Clock & { readonly pauses: number[]; late: boolean } {
  const pauses: number[] = [];
  return {
    pauses,
    late: false,
    now: () => Date.UTC(2026, 0, 1),
    after(ms, callback) {
      if (ms < NEVER_MS) pauses.push(ms);
      else if (!this.late) return { dispose: () => undefined };
      return systemClock.after(0, callback);
    },
  };
}

async function failure(promise: Promise<unknown>): Promise<LakesideError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof LakesideError, `it did not fail: ${String(error)}`);
  return error;
}

describe('an image API over HTTP', () => {
  const folder = temporaryFolder();
  const open = engines();
  const servers: ImageApiServer[] = [];
  let clock = quickClock();
  beforeEach(() => {
    clock = quickClock();
  });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  async function world(
    answers: readonly ImageApiAnswer[],
    options: Parameters<typeof startImageApiServer>[1] & Partial<Pick<HttpImagesOptions, 'secret'>> = {},
  ): Promise<{ server: ImageApiServer; provider: HttpImagesProvider }> {
    const server = await startImageApiServer(answers, options);
    servers.push(server);
    return { server, provider: providerAt(server.url, options.secret ?? (() => Promise.resolve(options.key))) };
  }
  function providerAt(
    url: string,
    secret: HttpImagesOptions['secret'] = () => Promise.resolve(undefined),
  ): HttpImagesProvider {
    const limits = { makeMs: NEVER_MS, answerMs: NEVER_MS };
    return new HttpImagesProvider({ api: { name: 'paint', url, model: 'gpt-image-1' }, clock, secret, limits });
  }
  const part = (fields: PartFields = {}): PartRequest => ({
    ...comfyuiPart(fields),
    scratch: join(folder(), 'scratch'),
  });
  const context = (): ReturnType<typeof watchedContext> => watchedContext(clock);

  async function make(provider: HttpImagesProvider, request: PartRequest): Promise<Buffer[]> {
    const ticket = await provider.submit(request, context());
    const produced = await provider.observe(
      request,
      z.record(z.string(), z.json()).parse(JSON.parse(JSON.stringify(ticket))),
      context(),
    );
    return produced.map((image) => (image.kind === 'bytes' ? Buffer.from(image.bytes) : readFileSync(image.path)));
  }

  it('makes a picture, and keeps it before it says so', async () => {
    const { server, provider } = await world(['picture'], { key: KEY });
    const request = part({ prompt: 'a fox', negative: 'dogs', values: { width: 1024, height: 1536, quality: 'high' } });
    const ticket = await provider.submit(request, context());
    assert.deepEqual(ticket, { images: [{ file: join(folder(), 'scratch', 'picture-1') }] });
    const [picture] = await provider.observe(request, ticket, context());
    assert.deepEqual(picture, { kind: 'file', path: join(folder(), 'scratch', 'picture-1') });
    const [asked] = server.requests;
    assert.equal(asked?.path, '/v1/images/generations');
    assert.equal(asked.headers.authorization, `Bearer ${KEY}`);
    assert.equal(asked.headers['idempotency-key'], request.submission);
    assert.deepEqual(JSON.parse(asked.body.toString()), {
      model: 'gpt-image-1',
      prompt: 'a fox\n\nAvoid: dogs',
      n: 1,
      size: '1024x1536',
      quality: 'high',
    });
  });

  it('fetches a picture that comes as an address, and takes no key there', async () => {
    const { server, provider } = await world(['address'], { key: KEY });
    const request = part();
    const ticket = await provider.submit(request, context());
    assert.deepEqual(ticket, { images: [{ url: server.url.replace('/v1', '/pictures/1') }] });
    const [bytes] = await make(
      providerAt(server.url, () => Promise.resolve(KEY)),
      request,
    );
    assert.deepEqual(bytes, picturePng({ width: 64, height: 48 }));
  });

  it('says so when the address leads nowhere', async () => {
    const { provider } = await world(['address'], { gone: true });
    const error = await failure(make(provider, part()));
    assert.deepEqual([error.code, error.retryable], ['PROVIDER_NONSENSE', false]);
    assert.match(error.message, /address of a picture that is not there \(HTTP 403\)/);
  });

  it('edits an image that is given, as a form', async () => {
    const { server, provider } = await world(['picture']);
    const image = join(folder(), 'input.png');
    writeFileSync(image, picturePng({ width: 16, height: 16 }));
    await make(provider, part({ prompt: 'a fox', values: { image } }));
    const [asked] = server.requests;
    assert.equal(asked?.path, '/v1/images/edits');
    assert.match(String(asked.headers['content-type']), /^multipart\/form-data/);
    const body = asked.body.toString('latin1');
    assert.match(body, /name="prompt"\r\n\r\na fox/);
    assert.match(body, /name="image"; filename="input\.png"\r\nContent-Type: image\/png\r\n\r\n\x89PNG/);
    const gone = await failure(provider.submit(part({ values: { image: join(folder(), 'none.png') } }), context()));
    assert.equal(gone.code, 'ENOENT');
    assert.equal(server.requests.length, 1);
  });

  it('asks a busy service again, after as long as it says', async () => {
    const { server, provider } = await world([
      { status: 429, retryAfter: '7' },
      { status: 503 },
      { status: 500, body: '<html>oops</html>' },
      { status: 429, retryAfter: new Date(Date.UTC(2026, 0, 1, 0, 0, 9)).toUTCString() },
      'picture',
    ]);
    const [bytes] = await make(provider, part());
    assert.ok(bytes);
    assert.equal(server.requests.length, 5);
    assert.deepEqual(clock.pauses, [7_000, 2_000, 4_000, 9_000]);
  });

  it('leaves it to the queue when a service stays busy, or asks for a long pause', async () => {
    const { server, provider } = await world([{ status: 503 }]);
    const busy = await failure(provider.submit(part(), context()));
    assert.deepEqual([busy.code, busy.retryable, server.requests.length], ['PROVIDER_AWAY', true, 5]);
    const { server: other, provider: patient } = await world([{ status: 429, retryAfter: '3600' }]);
    const long = await failure(patient.submit(part(), context()));
    assert.deepEqual([long.code, long.retryable, other.requests.length], ['PROVIDER_AWAY', true, 1]);
    // Nothing was made: a later process may send it.
    assert.equal(await patient.adopt(part(), undefined), undefined);
  });

  it('asks no second time for what is against the rules of the service, or over its quota', async () => {
    const quota = {
      status: 429,
      body: '{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}',
    };
    for (const [answer, category, said] of [
      ['policy', 'policy', /by its own rules: Your request was rejected by the safety system\./],
      [quota, 'provider', /quota is used up/],
      [{ status: 400, body: '{"error":{"message":"Invalid size","code":null}}' }, 'validation', /Invalid size/],
      ['redirect', 'provider', /HTTP 302/],
    ] as const) {
      const { server, provider } = await world([answer, 'picture']);
      const error = await failure(provider.submit(part(), context()));
      assert.deepEqual([error.code, error.category, error.retryable], ['PROVIDER_REFUSED', category, false]);
      assert.match(error.message, said);
      assert.equal(server.requests.length, 1);
      assert.equal(await provider.adopt(part(), undefined), undefined);
    }
  });

  it('says that the key is refused, and does not say the key', async () => {
    const { provider } = await world(['picture'], { key: 'another', secret: () => Promise.resolve(KEY) });
    for (const error of [
      await failure(provider.submit(part(), context())),
      await failure(provider.check(new AbortController().signal)),
    ]) {
      assert.equal(error.code, 'PROVIDER_REFUSED');
      assert.match(error.message, /Incorrect API key provided: ….*Set it with "Lakeside: Set API key"/);
      assert.ok(!JSON.stringify(error.toShape()).includes(KEY));
    }
  });

  it('asks at its address with the query a service wants, and tells nobody the password in it', async () => {
    const { server, provider } = await world(['picture', { status: 400 }], { key: KEY });
    assert.equal(provider.name, 'paint');
    const url = `${server.url.replace('//', '//kim:pass%word@')}/?api-version=2026-01&sig=hidden#top`;
    const asked = providerAt(url, () => Promise.resolve(KEY));
    await make(asked, part());
    assert.equal(server.requests[0]?.path, '/v1/images/generations?api-version=2026-01&sig=hidden');
    assert.equal(server.requests[0].headers.authorization, `Bearer ${KEY}`);
    const keyless = providerAt(url);
    await failure(keyless.submit(part(), context()));
    const basic = `Basic ${Buffer.from('kim:pass%word').toString('base64')}`;
    assert.equal(server.requests[1]?.headers.authorization, basic);
    await server.close();
    const errors = [
      await failure(asked.submit(part(), context())),
      await failure(keyless.check(new AbortController().signal)),
    ];
    for (const { code, message } of [...errors, { code: 'PROVIDER_AWAY', message: asked.detail }]) {
      assert.equal(code, 'PROVIDER_AWAY');
      assert.doesNotMatch(message, /pass|kim|hidden/);
    }
  });

  it('sends nothing with a key that is none, and does not say it', async () => {
    const { server, provider } = await world(['picture'], { secret: () => Promise.resolve('sk-one\nsk-two') });
    const error = await failure(provider.submit(part(), context()));
    assert.deepEqual([error.code, error.retryable, server.requests.length], ['PROVIDER_REFUSED', false, 0]);
    assert.doesNotMatch(JSON.stringify(error.toShape()), /sk-/);
    assert.equal((await failure(provider.check(new AbortController().signal))).code, 'PROVIDER_REFUSED');
  });

  it('gives its key to no other host that it is sent to', async () => {
    const { server: other } = await world(['picture']);
    const seen: (string | undefined)[] = [];
    const sending = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(307, { location: other.url.replace('127.0.0.1', 'localhost') + (request.url ?? '') }).end();
    });
    await new Promise<void>((resolve) => sending.listen(0, '127.0.0.1', resolve));
    const address = sending.address();
    assert.ok(typeof address === 'object' && address !== null);
    const provider = providerAt(`http://127.0.0.1:${address.port}`, () => Promise.resolve(KEY));
    const error = await failure(provider.submit(part(), context()));
    assert.equal(error.code, 'PROVIDER_REFUSED');
    await provider.check(new AbortController().signal);
    assert.deepEqual(seen, [`Bearer ${KEY}`, `Bearer ${KEY}`]);
    assert.deepEqual(other.requests, []);
    assert.ok(other.keys().every((key) => key === undefined));
    sending.closeAllConnections();
    await new Promise((resolve) => sending.close(resolve));
  });

  it('cuts off an answer that never ends', async () => {
    const { server } = await world(['endless']);
    const limits = { answerBytes: 1_000_000, makeMs: NEVER_MS, answerMs: NEVER_MS };
    const api = { name: 'paint', url: server.url };
    const provider = new HttpImagesProvider({ api, clock, secret: () => Promise.resolve(undefined), limits });
    const error = await failure(provider.submit(part(), context()));
    assert.deepEqual([error.code, error.retryable], ['PROVIDER_NONSENSE', false]);
    assert.equal(server.requests.length, 1);
  });

  it('takes no nonsense for a picture', async () => {
    for (const answer of ['html', 'empty', 'not json', 'no picture'] as const) {
      const { provider } = await world([answer]);
      const error = await failure(provider.submit(part(), context()));
      assert.deepEqual([error.code, error.retryable], ['PROVIDER_NONSENSE', false], answer);
    }
  });

  it('is known to be away when nothing was sent', async () => {
    const { server } = await world(['picture']);
    await server.close();
    const provider = providerAt(server.url);
    const error = await failure(provider.submit(part(), context()));
    assert.deepEqual([error.code, error.retryable], ['PROVIDER_AWAY', true]);
    assert.equal(await provider.adopt(part(), undefined), undefined);
    assert.equal((await failure(provider.check(new AbortController().signal))).code, 'PROVIDER_AWAY');
  });

  it('cannot tell what became of a request whose answer broke or never came, and sends no other', async () => {
    for (const answer of ['cut', 'hang'] as const) {
      const { server, provider } = await world([answer]);
      clock.late = answer === 'hang';
      const error = await failure(provider.submit(part(), context()));
      clock.late = false;
      assert.deepEqual([error.code, error.retryable, server.requests.length <= 1], ['OUTCOME_UNKNOWN', false, true]);
      assert.match(error.message, /may have been made and charged/);
    }
  });

  it('holds what it paid for while the disk takes nothing, and pays for no other', async () => {
    const { server, provider } = await world(['picture']);
    const request = part();
    // Where the picture would be kept lies something that no file can take the place of.
    mkdirSync(join(request.scratch, 'picture-1', 'there'), { recursive: true });
    const ticket = await provider.submit(request, context());
    const [picture] = await provider.observe(request, ticket, context());
    assert.ok(picture?.kind === 'bytes' && picture.bytes.length > 100);
    assert.deepEqual(await provider.adopt(request, undefined), ticket);
    assert.equal(server.requests.length, 1);
    // Another process has it no more.
    const next = providerAt(server.url);
    assert.equal((await failure(next.adopt(request, undefined))).code, 'OUTCOME_UNKNOWN');
    assert.equal((await failure(next.observe(request, ticket, context()))).code, 'OUTCOME_UNKNOWN');
  });

  describe('after a process that ended', () => {
    it('cannot tell where what was noted of the answer is damaged', async () => {
      const { server, provider } = await world(['picture']);
      await provider.submit(part(), context());
      for (const text of ['', '{"images":[', '{"images":"none"}', 'null']) {
        writeFileSync(join(folder(), 'scratch', 'answer.json'), text);
        assert.equal((await failure(providerAt(server.url).adopt(part(), undefined))).code, 'OUTCOME_UNKNOWN', text);
      }
    });

    it('gives what was kept, asking nobody', async () => {
      const { server, provider } = await world(['picture']);
      const ticket = await provider.submit(part(), context());
      assert.deepEqual(await providerAt(server.url).adopt(part(), undefined), ticket);
      assert.equal(server.requests.length, 1);
    });

    it('cannot tell where a request had left and no answer had come', async () => {
      const { server, provider } = await world(['hang']);
      const asked = context();
      const sending = failure(provider.submit(part(), asked));
      await new Promise<void>((resolve) => server.onRequest(resolve));
      asked.abort.abort();
      assert.equal((await sending).code, 'CANCELED');
      assert.equal((await failure(providerAt(server.url).adopt(part(), undefined))).code, 'OUTCOME_UNKNOWN');
    });

    it('may send what never left', async () => {
      const { provider } = await world(['picture']);
      assert.equal(await provider.adopt(part(), undefined), undefined);
    });
  });

  it('checks that somebody answers, also where models are not listed', async () => {
    const { server, provider } = await world(['picture']);
    await provider.check(new AbortController().signal);
    await providerAt(server.url.replace('/v1', '/v9')).check(new AbortController().signal);
  });

  it('makes the images of a run, and says in the run why it was refused', async () => {
    const { server } = await world(['picture', 'address', 'policy']);
    const engine = await open(join(folder(), 'data'));
    const settings = {
      ...defaultSettings(),
      'comfyui.servers': [],
      'studio.apis': [{ name: 'paint', url: server.url }],
    };
    await engine.call('engine.configure', { settings });
    const item = await workItem(engine);
    const made = await ended(
      engine,
      await generate(engine, item, { provider: 'paint', prompt: 'a fox', count: 2, values: {} }),
    );
    assert.equal(made.run.status, 'succeeded', made.run.error?.message);
    assert.deepEqual(
      made.images.map(({ width, height, mime }) => [width, height, mime]),
      [
        [64, 48, 'image/png'],
        [64, 48, 'image/png'],
      ],
    );
    assert.ok(made.images.every(({ path }) => existsSync(path)));
    const refused = await ended(
      engine,
      await generate(engine, item, { provider: 'paint', prompt: 'a fox', values: {} }),
    );
    assert.deepEqual([refused.run.status, refused.run.error?.category], ['failed', 'policy']);
    assert.equal(server.made(), 2);
  });
});
