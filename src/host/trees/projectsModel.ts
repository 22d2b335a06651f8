import { DisposableStore } from '../../base/disposables.ts';
import { Emitter, type Event } from '../../base/events.ts';
import type { Brand, WorkItem } from '../../protocol/studioValues.ts';
import type { CallUseCase } from '../../protocol/useCases.ts';
import {
  type BrandNode,
  type ItemNode,
  type ProjectNode,
  type ProjectPartNode,
  type RunNode,
  studioNode,
  type StudioNode,
} from './projectNodes.ts';

/** Rows shown of one level at once: the editor takes all of a level in one go (see `ENTRIES_SHOWN` of the models). */
export const ROWS_SHOWN = 500;
const IMAGES_SHOWN = 200;
/** Runs of a work item shown at first, and how many more each time one asks; the gallery shows all. */
export const RUNS_SHOWN = 50;
const MOST_RUNS = 1_000;

/** What the Projects tree shows, fetched level by level. Knows nothing of the editor. */
export class ProjectsModel {
  readonly #owned = new DisposableStore();
  readonly #call: CallUseCase;
  readonly #brandsChanged = this.#owned.add(new Emitter<readonly Brand[]>());
  /** What the runs of a work item are doing, by its id. */
  #active = new Map<string, 'running' | 'waiting'>();
  readonly #runsShown = new Map<string, number>();
  #showsArchived = false;

  constructor(call: CallUseCase) {
    this.#call = call;
  }

  /** The brands that are not archived, each time they were fetched. */
  readonly onBrandsChange: Event<readonly Brand[]> = this.#brandsChanged.event;

  get showsArchived(): boolean {
    return this.#showsArchived;
  }

  showArchived(shows: boolean): void {
    this.#showsArchived = shows;
  }

  /** Shows more of a work item's runs from now on. */
  showOlderRuns({ id }: Pick<WorkItem, 'id'>): void {
    this.#runsShown.set(id, Math.min(MOST_RUNS, (this.#runsShown.get(id) ?? RUNS_SHOWN) * 4));
  }

  async refreshBrands(): Promise<readonly Brand[]> {
    const { brands } = await this.#call('brands.list', { archived: this.#showsArchived });
    this.#brandsChanged.fire(brands.filter(({ archived }) => !archived));
    return brands;
  }

  /** The rows under a node; without one, the brands. */
  async children(node?: StudioNode): Promise<StudioNode[]> {
    if (node === undefined) {
      const [brands] = await Promise.all([this.refreshBrands(), this.#lookWhatRuns()]);
      return brands.map((brand) => studioNode({ kind: 'brand', brand }));
    }
    switch (node.kind) {
      case 'brand':
      case 'project':
        return inParts(node, await this.#members(node));
      case 'item':
        return this.#runs(node);
      case 'run':
        return this.#images(node, 0);
      case 'part':
        if (node.of.kind === 'run') return this.#images(node.of, node.offset);
        return (await this.#members(node.of)).slice(node.offset, node.offset + node.count);
      case 'image':
      case 'olderRuns':
      case 'empty':
        return [];
    }
  }

  /** The row above a project or a work item; nothing above any other, which nobody asks to see. */
  async parent(node: StudioNode): Promise<StudioNode | undefined> {
    if (node.kind === 'project') {
      const { brands } = await this.#call('brands.list', { archived: true });
      const brand = brands.find(({ id }) => id === node.project.brand.id);
      return brand === undefined ? undefined : studioNode({ kind: 'brand', brand });
    }
    if (node.kind === 'item') {
      const { projects } = await this.#call('projects.list', { archived: true });
      const project = projects.find(({ id }) => id === node.item.project.id);
      return project === undefined ? undefined : studioNode({ kind: 'project', project });
    }
    return undefined;
  }

  dispose(): void {
    this.#owned.dispose();
  }

  async #members(node: BrandNode | ProjectNode): Promise<StudioNode[]> {
    const archived = this.#showsArchived;
    if (node.kind === 'brand') {
      const { projects } = await this.#call('projects.list', { brand: node.brand.id, archived });
      return projects.toSorted(byName).map((project) => studioNode({ kind: 'project', project }));
    }
    const { items } = await this.#call('items.list', { project: node.project.id, archived });
    return items.toSorted(byName).map((item) => studioNode({ kind: 'item', item, active: this.#active.get(item.id) }));
  }

  async #runs(node: ItemNode): Promise<StudioNode[]> {
    const { item } = node;
    const limit = this.#runsShown.get(item.id) ?? RUNS_SHOWN;
    const { runs } = await this.#call('runs.list', { item: item.id, limit });
    if (runs.length === 0) return [studioNode({ kind: 'empty', of: node })];
    const rows: StudioNode[] = runs.map((run) => studioNode({ kind: 'run', run }));
    if (runs.length === limit && item.runs > limit) rows.push(studioNode({ kind: 'olderRuns', item }));
    return rows;
  }

  /** A lot of a run's images, and with the first lot a row for each further one. */
  async #images(node: RunNode, offset: number): Promise<StudioNode[]> {
    const { images, total } = await this.#call('images.page', { run: node.run.id, offset, limit: IMAGES_SHOWN });
    if (total === 0) return [studioNode({ kind: 'empty', of: node })];
    const rows: StudioNode[] = images.map((image) => studioNode({ kind: 'image', image }));
    return offset === 0 ? [...rows, ...partsOf(node, total, IMAGES_SHOWN)] : rows;
  }

  async #lookWhatRuns(): Promise<void> {
    const { runs } = await this.#call('runs.list', { states: ['queued', 'waiting', 'running'], limit: 1_000 });
    const active = new Map<string, 'running' | 'waiting'>();
    for (const { item, status } of runs) {
      if (status === 'running' || !active.has(item.id))
        active.set(item.id, status === 'running' ? 'running' : 'waiting');
    }
    this.#active = active;
  }
}

const collator = new Intl.Collator(undefined, { numeric: true });

/** As people count: Poster 2 before Poster 10. */
function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return collator.compare(a.name, b.name);
}

/** All rows of a level where they are few; of many the first ones and a row to open for each further lot. */
function inParts(node: BrandNode | ProjectNode, rows: StudioNode[]): StudioNode[] {
  if (rows.length === 0) return [studioNode({ kind: 'empty', of: node })];
  return [...rows.slice(0, ROWS_SHOWN), ...partsOf(node, rows.length, ROWS_SHOWN)];
}

function partsOf(of: ProjectPartNode['of'], total: number, size: number): StudioNode[] {
  const parts: StudioNode[] = [];
  for (let offset = size; offset < total; offset += size) {
    parts.push(studioNode({ kind: 'part', of, offset, count: Math.min(size, total - offset) }));
  }
  return parts;
}
