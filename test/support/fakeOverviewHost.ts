import { type Disposable, DisposableStore } from '../../src/base/disposables.ts';
import type { LakesideError } from '../../src/base/errors.ts';
import type { Channel } from '../../src/protocol/channel.ts';
import { overviewPanelContract, type OverviewPanelContract } from '../../src/protocol/panels/overviewPanel.ts';
import { panelViewContract } from '../../src/protocol/panels/panelParts.ts';
import { connect, type Handlers, type Peer } from '../../src/protocol/rpc.ts';
import type { WorkItem } from '../../src/protocol/studioValues.ts';
import type { Job, Progress, Root } from '../../src/protocol/values.ts';
import type { Overview } from '../../webview/overview/overviewRemote.ts';
import { imagesOf } from './fakeItemHost.ts';
import { madeUpItem, madeUpRun, NOW } from './madeUpRuns.ts';

type Answers = Handlers<OverviewPanelContract>;
type HostPeer = Peer<OverviewPanelContract, typeof panelViewContract>;

export const untouchedStudio: Overview = {
  jobs: [],
  runs: [],
  failures: [],
  toPick: [],
  latest: [],
  roots: [],
  counts: { brands: 0, projects: 0, items: 0, runs: 0, images: 0 },
};

export function madeUpJob(change: Partial<Job> & Pick<Job, 'id'>): Job {
  return {
    kind: 'scan',
    title: 'Scan Lake',
    status: 'running',
    attempts: 1,
    progress: null,
    createdAt: NOW,
    startedAt: NOW,
    finishedAt: null,
    ...change,
  };
}

export function madeUpRoot(change: Partial<Root> & Pick<Root, 'name'>): Root {
  return {
    id: change.name,
    path: `/models/${change.name}`,
    role: 'other',
    allowDelete: false,
    network: false,
    mounted: true,
    files: 12_408,
    bytes: 2_900_000_000_000,
    scannedAt: NOW - 3_600_000,
    watcher: 'engine',
    ...change,
  };
}

/** A day at work: two things run, one run failed, two wait for a pick. */
export function busyStudio(): Overview {
  const item = { id: 'item-2', slug: 'menu-card', name: 'Menu card' };
  const running = madeUpRun({ id: 'a', status: 'running', images: 1, finishedAt: null });
  const done = madeUpRun({ id: 'b', images: 4, unpicked: 4 });
  const older = madeUpRun({ id: 'c', item, images: 8, count: 8, unpicked: 3, createdAt: NOW - 90_000_000 });
  const picked = madeUpRun({ id: 'd', item, images: 2, count: 2, unpicked: 0, provider: 'imagegen' });
  const canceled = madeUpRun({ id: 'e', status: 'canceled', images: 0, unpicked: 0 });
  const failed = madeUpRun({
    id: 'f',
    status: 'failed',
    images: 0,
    unpicked: 0,
    error: {
      code: 'PROVIDER_AWAY',
      category: 'provider',
      message: 'ComfyUI does not answer at http://127.0.0.1:8188. Start it, or correct its address in the settings.',
    },
  });
  return {
    jobs: [
      madeUpJob({
        id: running.job,
        kind: 'generate',
        title: 'Generate 4 images of Poster',
        progress: { text: 'Sampling, step 9 of 28', doneItems: 1, totalItems: 4, doneBytes: 0, totalBytes: null },
      }),
      madeUpJob({ id: 'scan-1', status: 'waiting', waitingFor: 'Lake is not mounted. Connect the drive.' }),
    ],
    runs: [running, done, failed, picked, canceled, older],
    failures: [failed],
    toPick: [done, older],
    latest: [...imagesOf('a', 1), ...imagesOf('b', 4), ...imagesOf('d', 2), ...imagesOf('c', 8)],
    roots: [
      madeUpRoot({ name: 'local', role: 'local', files: 812, bytes: 640_000_000_000 }),
      madeUpRoot({
        name: 'lake',
        role: 'lake',
        mounted: false,
        problem: {
          code: 'ROOT_NOT_MOUNTED',
          category: 'infra',
          message: 'Lake is not mounted: its marker is missing at /models/lake. Connect the drive.',
        },
      }),
      madeUpRoot({ name: 'archive', scannedAt: null }),
    ],
    counts: { brands: 2, projects: 5, items: 12, runs: 84, images: 1_204 },
  };
}

/** The overview's host and engine, in memory. */
export class FakeOverviewHost {
  /** What the panel asked its host to do: `jobs.retry {…}`. */
  readonly asked: string[] = [];
  overview: Overview;
  items: WorkItem[] = [];
  /** Requests that are refused, by name. */
  readonly refusals = new Map<string, LakesideError>();
  /** Requests that are never answered. */
  readonly silent = new Set<string>();
  readonly #peers = new Set<HostPeer>();

  constructor(overview: Overview = busyStudio()) {
    this.overview = overview;
    if (overview.counts.items > 0) this.items = [madeUpItem];
  }

  readonly serve = (channel: Channel, complain: (error: LakesideError) => void): Disposable => {
    const peer = connect({
      channel,
      local: overviewPanelContract,
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

  /** Shows another state of the studio. */
  show(change: Partial<Overview>): void {
    this.overview = { ...this.overview, ...change };
    for (const peer of this.#peers) peer.emit('changed', { topics: ['runs', 'jobs'] });
  }

  progress(job: string, progress: Progress): void {
    for (const peer of this.#peers) {
      peer.emit('progress', { job, kind: 'generate', title: 'Generate', status: 'running', progress });
    }
  }

  async #answer<T>(name: string, answer: () => T): Promise<T> {
    const refusal = this.refusals.get(name);
    if (refusal !== undefined) throw refusal;
    if (this.silent.has(name)) await new Promise(() => undefined);
    return answer();
  }

  #answers(): Answers {
    const job = (id: string): { job: Job } => ({ job: madeUpJob({ id }) });
    const noted =
      <T>(name: string, answer: (input: { id: string }) => T) =>
      (input: unknown): Promise<T> => {
        this.asked.push(`${name} ${JSON.stringify(input)}`);
        return this.#answer(name, () => answer(input as { id: string }));
      };
    return {
      'overview.get': () => this.#answer('overview.get', () => this.overview),
      'items.list': () => ({ items: this.items }),
      'jobs.cancel': noted('jobs.cancel', ({ id }) => {
        this.show({ jobs: this.overview.jobs.filter((each) => each.id !== id) });
        return job(id);
      }),
      'jobs.retry': noted('jobs.retry', ({ id }) => {
        this.show({ failures: this.overview.failures.filter((run) => run.job !== id) });
        return job(id);
      }),
      'overview.thumbnails': ({ images }) => ({ thumbnails: images.map((id) => ({ id, uri: `/made/${id}.svg` })) }),
      'overview.openGallery': noted('overview.openGallery', () => null),
      'overview.openItem': noted('overview.openItem', () => null),
      'overview.showRoot': noted('overview.showRoot', () => null),
      'overview.newItem': noted('overview.newItem', () => null),
      'panel.copyText': noted('panel.copyText', () => null),
      'panel.showJob': noted('panel.showJob', () => null),
    };
  }
}
