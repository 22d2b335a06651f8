import assert from 'node:assert/strict';

import { systemClock } from '../../src/base/clock.ts';
import { LakesideError } from '../../src/base/errors.ts';
import { ComfyuiProvider } from '../../src/studio/providers/comfyui/comfyuiProvider.ts';
import type { ComfyuiLimits } from '../../src/studio/providers/comfyui/comfyuiHttp.ts';
import type { PartRequest, ProducedImage } from '../../src/studio/providers/provider.ts';
import { type ComfyuiServer, type ComfyuiServerOptions, startComfyuiServer } from './comfyuiServer.ts';
import { comfyuiPart, watchedContext, type WatchedContext } from './partOf.ts';

/** The servers of a suite, ended after each test. Call it inside `describe`. */
export function comfyuiServers(): (options?: ComfyuiServerOptions) => Promise<ComfyuiServer> {
  const servers: ComfyuiServer[] = [];
  afterEach(async () => {
    for (const each of servers.splice(0)) await each.close();
  });
  return async (options) => {
    const started = await startComfyuiServer(options);
    servers.push(started);
    return started;
  };
}

/** Patient enough for a slow machine, and no more. */
const LIMITS = { answerMs: 3_000, sendMs: 3_000, transferMs: 3_000, pollMs: 30, patienceMs: 400 };

export function providerOf(of: readonly ComfyuiServer[], limits: Partial<ComfyuiLimits> = {}): ComfyuiProvider {
  const servers = of.map(({ url }, index) => ({ name: `server ${index + 1}`, url }));
  return new ComfyuiProvider({ servers, clock: systemClock, limits: { ...LIMITS, ...limits } });
}

export async function generate(
  provider: ComfyuiProvider,
  part: PartRequest = comfyuiPart(),
  context: WatchedContext = watchedContext(),
): Promise<Buffer[]> {
  const ticket = await provider.submit(part, context);
  return bytesOf(await provider.observe(part, ticket, context));
}

export function bytesOf(images: readonly ProducedImage[]): Buffer[] {
  return images.map((image) => (image.kind === 'bytes' ? Buffer.from(image.bytes) : Buffer.alloc(0)));
}

/** What it is rejected with. */
export async function failureOf(promise: Promise<unknown>): Promise<LakesideError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof LakesideError, String(error));
    return error;
  }
  throw new Error('It did not fail.');
}
