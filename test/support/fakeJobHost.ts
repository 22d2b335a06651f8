import { type Disposable, DisposableStore } from '../../src/base/disposables.ts';
import type { LakesideError } from '../../src/base/errors.ts';
import type { Channel } from '../../src/protocol/channel.ts';
import { jobPanelContract, type JobPanelContract } from '../../src/protocol/panels/jobPanel.ts';
import { panelViewContract } from '../../src/protocol/panels/panelParts.ts';
import { connect, type Handlers, type Peer } from '../../src/protocol/rpc.ts';
import type { UseCaseOutput } from '../../src/protocol/useCases.ts';
import type { ApplySummary, Job, LiveProgress } from '../../src/protocol/values.ts';

type HostPeer = Peer<JobPanelContract, typeof panelViewContract>;
type LogLine = UseCaseOutput<'jobs.log'>['lines'][number];
type SpeedSample = UseCaseOutput<'jobs.speed'>['samples'][number];

export const JOB_START = Date.UTC(2026, 0, 31, 9, 5);
const GIB = 1024 ** 3;

export function madeUpApply(change: Partial<Job> = {}): Job {
  return {
    id: 'job-1',
    kind: 'apply',
    title: 'Mirror Lake → Local',
    status: 'running',
    attempts: 2,
    progress: {
      text: 'Copying diffusion_models/flux/meridian_dev_fp8.safetensors',
      doneItems: 41,
      totalItems: 168,
      doneBytes: 212 * GIB,
      totalBytes: 506 * GIB,
    },
    createdAt: JOB_START - 90_000,
    startedAt: JOB_START,
    finishedAt: null,
    ...change,
  };
}

/** As of a copy that starts slowly, is fast, stalls and goes on. */
function madeUpSpeed(count = 180): SpeedSample[] {
  let doneBytes = 0;
  return Array.from({ length: count }, (_, index) => {
    const wave = 0.6 + 0.3 * Math.sin(index / 9) + 0.1 * Math.sin(index * 1.7);
    const rate = index < 8 ? index / 8 : index > 90 && index < 104 ? 0.02 : wave;
    doneBytes += Math.round(rate * 2 * 480 * 1024 ** 2);
    return { at: JOB_START + index * 2_000, doneBytes, doneItems: Math.floor(index / 4) };
  });
}

const WORDS: readonly [LogLine['level'], string][] = [
  ['info', 'Attempt 1 begins in this window (process 48211).'],
  ['warn', 'Lake did not answer for 15 s. The job waits for it.'],
  ['info', 'Attempt 2 begins in this window (process 48211). It goes on after 38.2 GB.'],
  ['info', 'checkpoints/atlas_xl_v3.safetensors: 6.5 GB copied and verified.'],
  ['warn', 'vae/kl_f8_anime.safetensors was skipped: the file in Local changed since the plan was made.'],
  ['error', 'loras/flux/portraits/soft_light.safetensors failed: Cannot read it: input/output error.'],
];

export function madeUpLog(count = WORDS.length): LogLine[] {
  return Array.from({ length: count }, (_, index) => {
    const [level, message] = WORDS[index % WORDS.length] ?? ['info', ''];
    return { line: index + 1, at: JOB_START + index * 7_000, level, message };
  });
}

export interface FakeJobHostOptions {
  readonly job?: Job;
  readonly parts?: readonly Job[];
  readonly lines?: readonly LogLine[];
  readonly samples?: readonly SpeedSample[];
  readonly steps?: Partial<ApplySummary> & { readonly total: number };
  readonly trusted?: boolean;
  readonly refuse?: LakesideError;
}

/** The Job panel's host and engine, in memory. */
export class FakeJobHost {
  readonly asked: string[] = [];
  readonly #options: FakeJobHostOptions;
  readonly #peers = new Set<HostPeer>();
  #job: Job;
  #lines: readonly LogLine[];

  constructor(options: FakeJobHostOptions = {}) {
    this.#options = options;
    this.#job = options.job ?? madeUpApply();
    this.#lines = options.lines ?? madeUpLog();
  }

  readonly serve = (channel: Channel, complain: (error: LakesideError) => void): Disposable => {
    const peer = connect({
      channel,
      local: jobPanelContract,
      handlers: this.#answers(),
      remote: panelViewContract,
      onProtocolError: complain,
    });
    this.#peers.add(peer);
    const owned = new DisposableStore();
    owned.add(peer);
    owned.add({ dispose: () => void this.#peers.delete(peer) });
    return owned;
  };

  change(fields: Partial<Job>): void {
    this.#job = { ...this.#job, ...fields };
    for (const peer of this.#peers) peer.emit('changed', { topics: ['jobs'] });
  }

  note(level: LogLine['level'], message: string): void {
    const line = (this.#lines.at(-1)?.line ?? 0) + 1;
    this.#lines = [...this.#lines, { line, at: JOB_START + line * 7_000, level, message }];
    for (const peer of this.#peers) peer.emit('changed', { topics: ['jobs'] });
  }

  tell(progress: LiveProgress): void {
    const { id: job, kind, title, status } = this.#job;
    for (const peer of this.#peers) peer.emit('progress', { job, kind, title, status, progress });
  }

  #answers(): Handlers<JobPanelContract> {
    const noted =
      <T>(name: string, answer: (input: never) => T) =>
      (input: unknown): T => {
        this.asked.push(`${name} ${JSON.stringify(input)}`);
        return answer(input as never);
      };
    const moved = (status: Job['status']) => (): { job: Job } => {
      this.change({ status });
      return { job: this.#job };
    };
    const none = { done: 0, already: 0, skipped: 0, failed: 0, canceled: 0, bytes: 0, ms: 0 };
    return {
      'job.shown': () => ({ job: this.#job.id, trusted: this.#options.trusted ?? true }),
      'jobs.get': () => {
        if (this.#options.refuse !== undefined) throw this.#options.refuse;
        return { job: this.#job };
      },
      'jobs.list': ({ parent }) => ({
        jobs: [...(this.#options.parts ?? [])].filter((part) => part.parent === parent),
        counts: { queued: 0, waiting: 0, paused: 0, running: 0, succeeded: 0, failed: 0, canceled: 0 },
      }),
      'jobs.log': ({ after, limit }) => ({
        lines:
          after === undefined
            ? this.#lines.slice(-limit)
            : this.#lines.filter(({ line }) => line > after).slice(0, limit),
      }),
      'jobs.speed': () => ({ samples: [...(this.#options.samples ?? madeUpSpeed())] }),
      'plans.result': () => ({ ...none, done: 40, total: 168, bytes: 212 * GIB, ...this.#options.steps, items: [] }),
      'jobs.pause': noted('jobs.pause', () => {
        this.change({ status: 'paused' });
        return { paused: 1 };
      }),
      'jobs.resume': noted('jobs.resume', () => {
        this.change({ status: 'running' });
        return { resumed: 1 };
      }),
      'jobs.cancel': noted('jobs.cancel', moved('canceled')),
      'jobs.retry': noted('jobs.retry', moved('queued')),
      'jobs.move': noted('jobs.move', () => ({ job: this.#job })),
      'job.openPlan': noted('job.openPlan', () => null),
      'job.undo': noted('job.undo', () => null),
      'job.asText': noted('job.asText', () => null),
      'panel.copyText': noted('panel.copyText', () => null),
      'panel.showJob': noted('panel.showJob', () => null),
    };
  }
}
