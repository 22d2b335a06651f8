import { type Disposable, DisposableStore } from '../../src/base/disposables.ts';
import type { LakesideError } from '../../src/base/errors.ts';
import type { Channel } from '../../src/protocol/channel.ts';
import type { TrashEntry } from '../../src/protocol/contracts/trash.ts';
import { panelViewContract } from '../../src/protocol/panels/panelParts.ts';
import { type Removal, trashPanelContract, type TrashPanelContract } from '../../src/protocol/panels/trashPanel.ts';
import { connect, type Handlers, type Peer } from '../../src/protocol/rpc.ts';
import type { Root } from '../../src/protocol/values.ts';
import { madeUpRoot } from './fakeOverviewHost.ts';
import { madeUpSteps } from './madeUpSteps.ts';

type HostPeer = Peer<TrashPanelContract, typeof panelViewContract>;

const FIRST = Date.UTC(2026, 0, 31, 9, 5);

/** As many files as asked for in the trash of both roots, the newest first; every ninth is a last copy. */
export function madeUpTrash(count: number): TrashEntry[] {
  return madeUpSteps(count).map((row, index) => ({
    id: `20260131-090500-5f2a/${row.path}`,
    root: index % 4 === 0 ? 'local' : 'lake',
    path: row.path,
    size: row.bytes,
    mtimeMs: FIRST - 86_400_000,
    trashedAt: FIRST - index * 3_600_000,
    lastCopy: index % 9 === 2,
  }));
}

export interface FakeTrashHostOptions {
  readonly entries?: readonly TrashEntry[];
  readonly root?: string | null;
  readonly trusted?: boolean;
  readonly lakeMounted?: boolean;
  /** Whether the person says yes. */
  readonly confirms?: boolean;
  readonly refuse?: LakesideError;
}

/** The Trash panel's host and engine, in memory. */
export class FakeTrashHost {
  readonly asked: string[] = [];
  readonly removals: Removal[] = [];
  readonly #options: FakeTrashHostOptions;
  readonly #peers = new Set<HostPeer>();
  #entries: readonly TrashEntry[];

  constructor(options: FakeTrashHostOptions = {}) {
    this.#options = options;
    this.#entries = options.entries ?? madeUpTrash(120);
  }

  get entries(): readonly TrashEntry[] {
    return this.#entries;
  }

  readonly serve = (channel: Channel, complain: (error: LakesideError) => void): Disposable => {
    const peer = connect({
      channel,
      local: trashPanelContract,
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

  #drop(gone: ReadonlySet<string>): void {
    this.#entries = this.#entries.filter(({ root, id }) => !gone.has(`${root}\n${id}`));
    for (const peer of this.#peers) peer.emit('changed', { topics: ['files', 'trash'] });
  }

  #roots(): Root[] {
    return [
      madeUpRoot({ name: 'local', role: 'local' }),
      madeUpRoot({ name: 'lake', role: 'lake', mounted: this.#options.lakeMounted ?? true }),
    ];
  }

  #answers(): Handlers<TrashPanelContract> {
    const { root = null, trusted = true, confirms = true, refuse } = this.#options;
    const noted = (name: string, input: unknown): void => void this.asked.push(`${name} ${JSON.stringify(input)}`);
    const keys = (name: string, ids: readonly string[]): string[] => ids.map((id) => `${name}\n${id}`);
    return {
      'trash.shown': () => ({ root, trusted }),
      'roots.list': () => {
        if (refuse !== undefined) throw refuse;
        return { roots: this.#roots() };
      },
      'trash.list': ({ root: name, text, offset, limit }) => {
        const wanted = text?.toLowerCase() ?? '';
        const found = this.#entries.filter(
          (entry) => (name === undefined || entry.root === name) && entry.path.toLowerCase().includes(wanted),
        );
        const bytes = found.reduce((sum, { size }) => sum + size, 0);
        return { total: found.length, bytes, items: found.slice(offset, offset + limit) };
      },
      'trash.restore': (input) => {
        noted('trash.restore', { root: input.root, count: input.ids.length });
        this.#drop(new Set(keys(input.root, input.ids)));
        return { job: 'job-7' };
      },
      'trash.removeForGood': (removal) => {
        this.removals.push(removal);
        if (!confirms) return { jobs: [] };
        this.#drop(new Set(removal.entries.flatMap(({ root: name, ids }) => keys(name, ids))));
        return { jobs: ['job-8'] };
      },
      'panel.copyText': () => null,
      'panel.showJob': (input) => {
        noted('panel.showJob', input);
        return null;
      },
    };
  }
}
