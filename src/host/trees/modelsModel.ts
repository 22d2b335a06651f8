import { DisposableStore } from '../../base/disposables.ts';
import { Emitter, type Event } from '../../base/events.ts';
import type { CallUseCase } from '../../protocol/useCases.ts';
import type { Root } from '../../protocol/values.ts';
import { modelNode, type ModelNode, type MoreNode, pairRoots, type RootPair } from './modelNodes.ts';

/** Entries shown of one folder before *Show more*; as many again with each. */
export const ENTRIES_SHOWN = 5_000;
/** Entries fetched at once: few enough that reading an answer never holds the host's thread for long. */
const PAGE = 1_000;

/** What the Models tree shows, fetched level by level. Knows nothing of the editor. */
export class ModelsModel {
  readonly #owned = new DisposableStore();
  readonly #call: CallUseCase;
  /** How many entries to show of a folder, by node id, where it is more than the first lot. */
  readonly #shown = new Map<string, number>();
  readonly #rootsChanged = this.#owned.add(new Emitter<readonly Root[]>());
  #roots: readonly Root[] = [];

  constructor(call: CallUseCase) {
    this.#call = call;
  }

  /** The roots as they were last fetched. */
  get roots(): readonly Root[] {
    return this.#roots;
  }

  readonly onRootsChange: Event<readonly Root[]> = this.#rootsChanged.event;

  async refreshRoots(): Promise<readonly Root[]> {
    const { roots } = await this.#call('roots.list', {});
    this.#roots = roots;
    this.#rootsChanged.fire(roots);
    return roots;
  }

  /** The rows under a node; without one, the roots. */
  async children(node?: ModelNode): Promise<ModelNode[]> {
    if (node === undefined) {
      const roots = await this.refreshRoots();
      // With no root at all the view shows its welcome text instead.
      if (roots.length === 0) return [];
      const missing = (['local', 'lake'] as const).filter((role) => !roots.some((root) => root.role === role));
      return [
        ...pairRoots(roots).map((pair) => modelNode({ kind: 'root', ...pair })),
        ...missing.map((role) => modelNode({ kind: 'setRoot', role })),
      ];
    }
    switch (node.kind) {
      case 'root': {
        if (node.root.scannedAt === null) {
          return [modelNode({ ...pairOf(node), kind: 'hint', hint: node.root.mounted ? 'notScanned' : 'notMounted' })];
        }
        const entries = await this.#entries(node, '');
        return entries.length > 0 ? entries : [modelNode({ ...pairOf(node), kind: 'hint', hint: 'empty' })];
      }
      case 'folder':
        return this.#entries(node, node.entry.path);
      case 'file':
      case 'more':
      case 'hint':
      case 'setRoot':
        return [];
    }
  }

  /** Shows as many entries of the folder again as were shown at first. */
  showMore(node: MoreNode): void {
    const key = folderKey(node, node.folder);
    this.#shown.set(key, this.#shownOf(key) + ENTRIES_SHOWN);
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #shownOf(key: string): number {
    return this.#shown.get(key) ?? ENTRIES_SHOWN;
  }

  async #entries(pair: RootPair, folder: string): Promise<ModelNode[]> {
    const { root, other } = pairOf(pair);
    const wanted = this.#shownOf(folderKey(pair, folder));
    const comparable = other !== undefined && other.scannedAt !== null ? other : undefined;
    const nodes: ModelNode[] = [];
    let total = Infinity;
    while (nodes.length < Math.min(wanted, total)) {
      const page = await this.#call('library.folder', {
        root: root.name,
        folder,
        ...(comparable === undefined ? {} : { compareTo: comparable.name }),
        absent: comparable !== undefined && root.role === 'local',
        offset: nodes.length,
        limit: Math.min(PAGE, wanted - nodes.length),
      });
      total = page.total;
      for (const entry of page.entries) {
        nodes.push(
          entry.type === 'folder'
            ? modelNode({ root, other: comparable, kind: 'folder', entry })
            : modelNode({ root, other: comparable, kind: 'file', entry }),
        );
      }
      // Fewer than promised: the index changed in between, and a hint to fetch again is under way.
      if (page.entries.length === 0) break;
    }
    const hidden = total - nodes.length;
    if (hidden > 0 && nodes.length >= wanted) {
      nodes.push(modelNode({ root, other: comparable, kind: 'more', folder, hidden }));
    }
    return nodes;
  }
}

function pairOf({ root, other }: RootPair): RootPair {
  return { root, other };
}

function folderKey({ root }: RootPair, folder: string): string {
  return `${root.id}/${folder}`;
}
