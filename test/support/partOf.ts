import { randomUUID } from 'node:crypto';

import type { Clock } from '../../src/base/clock.ts';
import { systemClock } from '../../src/base/clock.ts';
import type { Generation, RunSnapshot } from '../../src/protocol/studioValues.ts';
import type { PartContext, PartRequest } from '../../src/studio/providers/provider.ts';
import { BUILT_IN_WORKFLOWS } from '../../src/studio/workflows/builtIn.ts';

export interface PartFields {
  readonly prompt?: string;
  readonly negative?: string;
  readonly values?: Generation['values'];
  readonly workflow?: Partial<NonNullable<RunSnapshot['workflow']>>;
  readonly seed?: number;
  readonly submission?: string;
}

/** A part of a run of a workflow, as a provider gets it; small and quick unless told otherwise. */
export function comfyuiPart(fields: PartFields = {}): PartRequest {
  const { prompt = 'a lake at dawn', negative = '', values = { width: 64, height: 64, steps: 4 }, seed = 7 } = fields;
  const [builtIn] = BUILT_IN_WORKFLOWS;
  if (builtIn === undefined) throw new Error('no workflow is built in');
  const { id, name, graph, bindings } = builtIn;
  const generation = { provider: 'comfyui', prompt, negative, seed, count: 1, values };
  return {
    snapshot: {
      run: 'run-1',
      item: { id: 'item-1', slug: 'hero', name: 'Hero' },
      project: { id: 'project-1', slug: 'spring', name: 'Spring' },
      brand: { id: 'brand-1', slug: 'acme', name: 'Acme' },
      user: { id: 'user-1', name: 'Kim' },
      provider: { name: 'comfyui', kind: 'comfyui' },
      workflow: { id, name, graph, bindings, ...fields.workflow },
      merged: { prompt, negative, parts: [] },
      generation,
      folder: '/nowhere',
    },
    part: 1,
    seed,
    submission: fields.submission ?? randomUUID(),
    scratch: '/nowhere',
  };
}

export interface WatchedContext extends PartContext {
  readonly shares: { share: number; text: string | undefined }[];
  readonly previews: { mime: string; bytes: Uint8Array }[];
  readonly abort: AbortController;
  /** Resolves at the first progress (from now on) that is so. */
  until(wanted: (share: number, text: string | undefined) => boolean): Promise<void>;
}

export function watchedContext(clock: Clock = systemClock): WatchedContext {
  const abort = new AbortController();
  const shares: WatchedContext['shares'] = [];
  const previews: WatchedContext['previews'] = [];
  const waiters: { wanted: (share: number, text: string | undefined) => boolean; resolve: () => void }[] = [];
  return {
    clock,
    signal: abort.signal,
    abort,
    shares,
    previews,
    progress(share, text) {
      shares.push({ share, text });
      for (const { wanted, resolve } of waiters) if (wanted(share, text)) resolve();
    },
    preview: (image) => previews.push(image),
    until: (wanted) => new Promise((resolve) => waiters.push({ wanted, resolve })),
  };
}
