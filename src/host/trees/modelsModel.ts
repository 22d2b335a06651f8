import { DisposableStore } from '../../base/disposables.ts';
import { Emitter, type Event } from '../../base/events.ts';
import type { CallUseCase } from '../../protocol/useCases.ts';
import type { Root } from '../../protocol/values.ts';
import { type ComparisonNode, isEntryNode, modelNode, type ModelNode, pairRoots, type RootPair } from './modelNodes.ts';

/**
 * Entries shown of one folder at once; a huge folder shows its first ones and rows to open for the rest. The editor takes
 * all rows of a level in one go: 5,000 of them kept its extension host busy for 0.2 s, 1,000 for 0.04 s.
 */
export const ENTRIES_SHOWN = 500;

/** What the Models tree shows, fetched level by level. Knows nothing of the editor. */
export class ModelsModel {
  readonly #owned = new DisposableStore();
  readonly #call: CallUseCase;
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
        const entries = await this.#folder(node, '');
        if (entries.length === 0) return [modelNode({ ...pairOf(node), kind: 'hint', hint: 'empty' })];
        const comparison = node.root.role === 'local' ? comparisonOf(node.root, entries) : undefined;
        return comparison === undefined ? entries : [comparison, ...entries];
      }
      case 'folder':
        return this.#folder(node, node.entry.path);
      case 'part':
        return (await this.#entries(node, node.folder, node.offset)).nodes;
      case 'file':
      case 'hint':
      case 'comparison':
      case 'setRoot':
        return [];
    }
  }

  dispose(): void {
    this.#owned.dispose();
  }

  /** The first entries of a folder, and a row for each further lot. */
  async #folder(pair: RootPair, folder: string): Promise<ModelNode[]> {
    const { nodes, total } = await this.#entries(pair, folder, 0);
    for (let offset = ENTRIES_SHOWN; offset < total; offset += ENTRIES_SHOWN) {
      const count = Math.min(ENTRIES_SHOWN, total - offset);
      nodes.push(modelNode({ ...pairOf(pair), kind: 'part', folder, offset, count }));
    }
    return nodes;
  }

  async #entries(pair: RootPair, folder: string, offset: number): Promise<{ nodes: ModelNode[]; total: number }> {
    const { root, other } = pair;
    const comparable = other !== undefined && other.scannedAt !== null ? other : undefined;
    const { entries, total } = await this.#call('library.folder', {
      root: root.name,
      folder,
      ...(comparable === undefined ? {} : { compareTo: comparable.name }),
      absent: comparable !== undefined && root.role === 'local',
      offset,
      limit: ENTRIES_SHOWN,
    });
    const shared = { root, other: comparable };
    const nodes = entries.map((entry): ModelNode => {
      if (entry.type === 'folder') return modelNode({ ...shared, kind: 'folder', entry });
      return modelNode({ ...shared, kind: 'file', entry });
    });
    return { nodes, total };
  }
}

/** The differences of all rows of a root together; undefined where some are not fetched or there is no other root. */
function comparisonOf(root: Root, rows: readonly ModelNode[]): ComparisonNode | undefined {
  const states = { missing: 0, extra: 0, different: 0, moved: 0 };
  let other: Root | undefined;
  for (const row of rows) {
    if (!isEntryNode(row) || row.other === undefined) return undefined;
    ({ other } = row);
    const { entry } = row;
    if (entry.type === 'file') {
      if (entry.state !== undefined && entry.state !== 'equal') states[entry.state] += 1;
    } else if (entry.absent) states.missing += entry.files;
    else for (const state of COUNTED) states[state] += entry.states?.[state] ?? 0;
  }
  return other === undefined ? undefined : modelNode({ kind: 'comparison', root, other, states });
}

const COUNTED = ['missing', 'extra', 'different', 'moved'] as const;

function pairOf({ root, other }: RootPair): RootPair {
  return { root, other };
}
