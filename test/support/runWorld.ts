import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import { storeFile } from '../../src/base/binaryFile.ts';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { LakesideError, toLakesideError } from '../../src/base/errors.ts';
import { SecretMask } from '../../src/base/secretMask.ts';
import type { RunSnapshot } from '../../src/protocol/studioValues.ts';
import type { GenerateReport } from '../../src/protocol/values.ts';
import type { RunStore } from '../../src/store/runStore.ts';
import { Store } from '../../src/store/store.ts';
import { imagesFolder } from '../../src/studio/imagesFolder.ts';
import { makeStudioId } from '../../src/studio/makeStudioId.ts';
import type { ImagePool } from '../../src/studio/imagePool.ts';
import type { PartContext, PartRequest, ProducedImage, Provider, Ticket } from '../../src/studio/providers/provider.ts';
import { performRun } from '../../src/studio/runs/performRun.ts';
import type { RunTools } from '../../src/studio/runs/runTools.ts';
import { formatOwner, thisProcess } from '../../src/queue/leaseOwner.ts';
import { picturePng } from './pngBytes.ts';
import { storeOptions } from './testStore.ts';

const CRASH = 'CRASH';

/** A step that dies at the nth call; nothing of that process happens after it. */
export function dieAt(nth: number): { readonly step: Step; readonly count: () => number } {
  let count = 0;
  const step = (name: string): void => {
    count++;
    if (count >= nth) throw new LakesideError(CRASH, 'unknown', `died at ${name}`);
  };
  return { step, count: () => count };
}

/** Called before and after everything that another process, or the disk, can see of a run. */
export type Step = (name: string) => void;

export interface Attempt {
  readonly step?: Step;
  readonly signal?: AbortSignal;
  /** Whether the queue would try again by itself. */
  readonly triesAgain?: boolean;
  readonly storeFile?: RunTools['storeFile'];
}

/** A service that makes images for money: it outlives the processes that ask it. */
export class PaidService {
  /** Submissions in the order they were paid. */
  readonly paid: string[] = [];
  readonly canceled: string[] = [];
  /** What it still knows of. */
  readonly known = new Map<string, number>();
  /** Thrown by the next call of that name. */
  readonly faults = new Map<'submit' | 'adopt' | 'observe', LakesideError>();
  images: (seed: number) => Uint8Array[] = (seed) => [picturePng({ width: 8, height: 8, seed })];

  submit({ submission, seed }: PartRequest): Ticket {
    this.#fault('submit');
    this.paid.push(submission);
    this.known.set(submission, seed);
    return { id: submission };
  }
  adopt({ submission }: PartRequest): Ticket | undefined {
    this.#fault('adopt');
    return this.known.has(submission) ? { id: submission } : undefined;
  }
  observe({ submission, seed }: PartRequest): ProducedImage[] {
    this.#fault('observe');
    if (!this.known.has(submission))
      throw new LakesideError('PROVIDER_NONSENSE', 'provider', 'It knows nothing of it.');
    return this.images(seed).map((bytes) => ({ kind: 'bytes', bytes }));
  }
  #fault(name: 'submit' | 'adopt' | 'observe'): void {
    const fault = this.faults.get(name);
    this.faults.delete(name);
    if (fault !== undefined) throw fault;
  }
}

/** A run of a work item in a database of its own, for as many processes as a test wants. */
export class RunWorld {
  readonly dataDir: string;
  readonly service = new PaidService();
  readonly secrets = new SecretMask();
  readonly store: Store;
  readonly snapshot: RunSnapshot;
  readonly #images: ImagePool;
  readonly #clock: Clock = systemClock;

  private constructor(dataDir: string, store: Store, images: ImagePool, snapshot: RunSnapshot) {
    this.dataDir = dataDir;
    this.store = store;
    this.#images = images;
    this.snapshot = snapshot;
  }

  static async open(dataDir: string, images: ImagePool, count: number): Promise<RunWorld> {
    const store = await Store.open(storeOptions(dataDir));
    const now = Date.now();
    const [by, brand, project, item, run] = ['user', 'brand', 'project', 'item', newId()];
    store.transaction(() => {
      store.users.add({ id: by, name: 'Me', now });
      store.brands.add({ id: brand, slug: 'brand', name: 'Brand', voice: '', by, now });
      store.projects.add({
        ...{ id: project, brand, slug: 'project', name: 'Project', storage: { kind: 'default' } },
        ...{ currency: 'USD', by, now },
      });
      store.items.add({ id: item, project, slug: 'item', name: 'Item', brief: '', by, now });
    });
    const images_ = imagesFolder({ kind: 'default' }, { imagesDir: '', dataDir });
    const snapshot: RunSnapshot = {
      run,
      item: { id: item, slug: 'item', name: 'Item' },
      project: { id: project, slug: 'project', name: 'Project' },
      brand: { id: brand, slug: 'brand', name: 'Brand' },
      user: { id: by, name: 'Me' },
      provider: { name: 'paid', kind: 'http' },
      merged: { prompt: 'a lake', negative: '', parts: [] },
      generation: { provider: 'paid', prompt: 'a lake', negative: '', seed: 1, count, values: {} },
      folder: join(images_, 'project', 'item', `run-${run}`),
    };
    store.jobs.add({
      ...{ id: run, kind: 'generate', title: 'Generate Item', lane: 'generate', payload: snapshot, needs: [] },
      ...{ workItem: item, now },
    });
    return new RunWorld(dataDir, store, images, snapshot);
  }

  close(): void {
    this.store.close();
  }

  /** A process that claims the run and works on it until it ends, one way or another. */
  async attempt(attempt: Attempt = {}): Promise<GenerateReport | LakesideError> {
    const { step = () => undefined, signal = new AbortController().signal, triesAgain = false } = attempt;
    const { leases } = this.store;
    const job = this.#claim();
    const lease = { key: job.key, fence: job.fence };
    try {
      const report = await performRun({
        provider: this.#provider(step),
        snapshot: this.snapshot,
        job: { id: job.id, createdAt: 1 },
        context: {
          ...{ lease, jobId: job.id, signal },
          progress: () => undefined,
          log: () => undefined,
          assertHeld: () => {
            if (!leases.holds(lease)) throw new LakesideError('LEASE_LOST', 'infra', 'Another process has it.');
          },
          triesAgain: ({ retryable }) => triesAgain && retryable,
        },
        tools: this.#tools(step, attempt.storeFile ?? storeFile),
      });
      leases.release(lease, { status: 'succeeded', now: Date.now(), result: report });
      return report;
    } catch (error) {
      const failure = toLakesideError(error);
      // What a dead process holds is taken by the next claim; one that failed lets go.
      if (failure.code !== CRASH)
        leases.release(lease, { status: 'failed', now: Date.now(), error: failure.toShape() });
      return failure;
    }
  }

  #claim(): ReturnType<Store['leases']['claim']>['jobs'][number] {
    const { jobs, leases } = this.store;
    const { status } = jobs.get(this.snapshot.run) ?? {};
    if (status === 'failed') jobs.transition(this.snapshot.run, 'failed', { status: 'queued', now: Date.now() });
    if (status === 'running') leases.free(this.snapshot.run, leases.running()[0]?.owner ?? '', Date.now());
    const question = { owner: formatOwner(thisProcess(randomUUID())), now: Date.now(), leaseMs: 30_000 };
    const [job] = leases.claim({ ...question, laneLimits: { generate: 1 }, gives: () => true }).jobs;
    if (job === undefined) throw new Error('there is no job to claim');
    return job;
  }

  #provider(step: Step): Provider {
    const { service } = this;
    const held = async <T>(name: string, work: () => T): Promise<T> => {
      step(`before ${name}`);
      const result = await Promise.resolve(work());
      step(`after ${name}`);
      return result;
    };
    return {
      ...{ name: 'paid', kind: 'http', detail: '' },
      capabilities: { workflows: false, seeds: true, parallel: 2, needsTrust: false },
      check: () => Promise.resolve(),
      fields: () => Promise.resolve({ fields: [], problems: [] }),
      submit: (request) => held('submit', () => service.submit(request)),
      adopt: (request) => held('adopt', () => service.adopt(request)),
      observe: (request: PartRequest, _ticket: Ticket, context: PartContext) => {
        context.preview({ mime: 'image/png', bytes: picturePng({ width: 8, height: 8 }) });
        return held('observe', () => service.observe(request));
      },
      cancel: ({ submission }) =>
        held('cancel', () => {
          service.canceled.push(submission);
        }),
    };
  }

  #tools(step: Step, store: RunTools['storeFile']): RunTools {
    return {
      runs: stepping(this.store.runs, step),
      clock: this.#clock,
      images: this.#images,
      storeFile: async (path, source) => {
        step('before file');
        await store(path, source);
        step('after file');
      },
      newId,
      newSubmission: randomUUID,
      scratchDir: join(this.dataDir, 'scratch'),
      previewsDir: join(this.dataDir, 'previews'),
      onPreview: () => undefined,
      onChange: () => undefined,
      hideSecrets: (error) => this.secrets.hideIn(error),
      onProblem: () => undefined,
    };
  }
}

function newId(): string {
  return makeStudioId(Date.now(), crypto.getRandomValues(new Uint8Array(7)));
}

const WRITES = ['begin', 'markSubmitted', 'keepTicket', 'resetPart', 'completePart', 'noteError', 'finish'];

/** The store, with a step before and after each write. */
function stepping(runs: RunStore, step: Step): RunStore {
  return new Proxy(runs, {
    get(target, name): unknown {
      const method: unknown = Reflect.get(target, name, target);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]): unknown => {
        const counts = WRITES.includes(String(name));
        if (counts) step(`before ${String(name)}`);
        const result: unknown = Reflect.apply(method, target, args);
        if (counts) step(`after ${String(name)}`);
        return result;
      };
    },
  });
}
