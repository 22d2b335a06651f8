import * as z from 'zod';

import { type Disposable, DisposableStore } from '../../base/disposables.ts';
import { LakesideError, toLakesideError } from '../../base/errors.ts';
import { Emitter } from '../../base/events.ts';
import type { PlanFilter, PlanRow } from '../../protocol/contracts/plans.ts';
import { keptSide } from '../../protocol/keptSide.ts';
import type { PanelDocument } from '../../protocol/panels/planPanel.ts';
import type { Problem } from '../../protocol/values.ts';
import type { CallOptions, UseCaseInput, UseCaseOutput } from '../../protocol/useCases.ts';
import type { PanelEngine } from './panelBridge.ts';

type PlanInfo = UseCaseOutput<'plans.info'>;

/** A tick one can take back. */
export interface TickEdit {
  readonly label: string;
  undo(): Promise<void>;
  redo(): Promise<void>;
}

/** Reading a plan of 100,000 steps from a slow drive takes a while. */
const FILE_TIMEOUT_MS = 600_000;
const PAGE_SIZE = 2_000;

const sideSchema = z.enum(['from', 'to', 'none']);
type Side = z.infer<typeof sideSchema>;
/** What a backup holds: what was unticked and decided, by the names of steps: a saved file numbers its steps anew. */
const backupSchema = z.strictObject({
  seal: z.string(),
  unticked: z.array(z.string()),
  /** Of a plan both ways: which side of each conflict stays, by the step's name. */
  kept: z.array(z.tuple([z.string(), sideSchema])).optional(),
});

export interface PlanDocumentOptions {
  readonly engine: PanelEngine;
  readonly fileName: string;
  /** Absolute path of the plan file, or undefined when it does not lie on this machine. */
  readonly path: string | undefined;
  readonly isTrusted: () => boolean;
  /** What the plan could not hold when it was made. */
  readonly leftOut?: readonly Problem[];
  /** The text of a backup to restore once the file is open. */
  readonly backup?: string | undefined;
}

/** An open plan file: the plan in the store that it became, and the ticks one made since. Knows nothing of VS Code. */
export class PlanDocument implements Disposable {
  readonly #options: PlanDocumentOptions;
  readonly #owned = new DisposableStore();
  readonly #edits = this.#owned.add(new Emitter<TickEdit>());
  readonly #changes = this.#owned.add(new Emitter<PanelDocument>());
  #opening: Promise<PlanInfo>;

  /** A tick was made in the panel. */
  readonly onEdit = this.#edits.event;
  /** The panel should show this document now. */
  readonly onChange = this.#changes.event;

  constructor(options: PlanDocumentOptions) {
    this.#options = options;
    this.#opening = this.#open(options.backup);
    // Told where it is asked for: the panel shows why the file could not be opened.
    this.#opening.catch(() => undefined);
  }

  /** Settles when the file is open or could not be opened; never rejects. */
  async describe(): Promise<PanelDocument> {
    const { fileName, isTrusted, leftOut = [] } = this.#options;
    const shared = { fileName, trusted: isTrusted(), ...(leftOut.length === 0 ? {} : { leftOut: [...leftOut] }) };
    try {
      return { ...shared, plan: (await this.#opening).plan };
    } catch (error) {
      return { ...shared, plan: null, error: toLakesideError(error).toShape() };
    }
  }

  async reopen(): Promise<PanelDocument> {
    this.#opening = this.#open();
    return this.announce();
  }

  /** Tells the panel how the document stands now. */
  async announce(): Promise<PanelDocument> {
    const description = await this.describe();
    this.#changes.fire(description);
    return description;
  }

  /** Ticks or unticks, remembering exactly the steps that this changes, so that it can be undone. */
  async tick(input: UseCaseInput<'plans.tick'>, options: CallOptions): Promise<PlanInfo> {
    const { engine } = this.#options;
    const { plan, ticked } = input;
    const steps = input.steps ?? (await this.#stepsWith(plan, !ticked, input.filter));
    const info = await engine.call('plans.tick', { plan, ticked, steps }, options);
    if (steps.length === 0) return info;
    const set = async (value: boolean): Promise<void> => {
      await engine.call('plans.tick', { plan, ticked: value, steps });
    };
    const count = steps.length === 1 ? '1 step' : `${steps.length} steps`;
    this.#edits.fire({
      label: `${ticked ? 'Tick' : 'Untick'} ${count}`,
      undo: () => set(!ticked),
      redo: () => set(ticked),
    });
    return info;
  }

  /** Decides conflicts, remembering how each that this changes stood, so that it can be undone. */
  async resolve(input: UseCaseInput<'plans.resolve'>, options: CallOptions): Promise<PlanInfo> {
    const { engine } = this.#options;
    const { plan, keep } = input;
    const wanted = input.steps === undefined ? undefined : new Set(input.steps);
    const before = new Map<Side, number[]>();
    for await (const row of this.#rows(plan, input.filter)) {
      const side = keptSide(row);
      if (side === undefined || side === keep || wanted?.has(row.step) === false) continue;
      before.set(side, [...(before.get(side) ?? []), row.step]);
    }
    const steps = [...before.values()].flat();
    if (steps.length === 0) return engine.call('plans.info', { plan }, options);
    const info = await engine.call('plans.resolve', { plan, keep, steps }, options);
    const count = steps.length === 1 ? '1 conflict' : `${steps.length} conflicts`;
    this.#edits.fire({
      label: keep === 'none' ? `Leave ${count} open` : `Decide ${count}`,
      undo: async () => {
        for (const [side, were] of before) await engine.call('plans.resolve', { plan, keep: side, steps: were });
      },
      redo: async () => {
        await engine.call('plans.resolve', { plan, keep, steps });
      },
    });
    return info;
  }

  /** The job that applied this plan last, if there was one. */
  async job(): Promise<string | undefined> {
    const { plan } = await this.#opening;
    return (await this.#options.engine.call('plans.info', { plan })).job;
  }

  /** The plan in the store. */
  async plan(): Promise<string> {
    return (await this.#opening).plan;
  }

  /** Writes the ticked steps as a sealed plan to `path`. */
  async save(path: string, signal?: AbortSignal): Promise<void> {
    const { plan } = await this.#opening;
    const { engine, path: ownPath } = this.#options;
    const saved = await engine.call('plans.save', { plan, path }, { signal, timeoutMs: FILE_TIMEOUT_MS });
    // Only once it is written: a plan that could not be saved is open all the same, and may be saved again.
    if (path === ownPath) this.#opening = Promise.resolve(saved);
    await this.announce();
  }

  async revert(signal?: AbortSignal): Promise<void> {
    const { plan } = await this.#opening;
    await this.#options.engine.call('plans.revert', { plan }, { signal });
    await this.announce();
  }

  /** The text to restore these ticks from, should the window close before they are saved. */
  async backUp(signal?: AbortSignal): Promise<string> {
    const { plan, header } = await this.#opening;
    const unticked: string[] = [];
    const kept: [string, Side][] = [];
    for await (const row of this.#rows(plan, undefined, signal)) {
      if (!row.ticked) unticked.push(nameOf(row));
      const side = header.kind === 'both' ? keptSide(row) : undefined;
      if (side !== undefined) kept.push([nameOf(row), side]);
    }
    const decided = kept.length === 0 ? {} : { kept };
    return JSON.stringify({ seal: header.seal, unticked, ...decided } satisfies z.infer<typeof backupSchema>);
  }

  dispose(): void {
    this.#owned.dispose();
  }

  async #open(backup?: string): Promise<PlanInfo> {
    const { engine, path, fileName } = this.#options;
    if (path === undefined) {
      throw new LakesideError(
        'PLAN_NOT_LOCAL',
        'validation',
        `${fileName} does not lie on this machine. Save a copy of it here, and open that.`,
      );
    }
    const info = await engine.call('plans.open', { path }, { timeoutMs: FILE_TIMEOUT_MS });
    const saved = backup === undefined ? undefined : backupSchema.parse(JSON.parse(backup));
    // A file that was written meanwhile has other steps; the ticks of the old one mean nothing there.
    if (saved?.seal !== info.header.seal) return info;
    return this.#restore(info, saved);
  }

  async #restore(info: PlanInfo, { unticked, kept = [] }: z.infer<typeof backupSchema>): Promise<PlanInfo> {
    if (unticked.length === 0 && kept.length === 0) return info;
    const { plan } = info;
    const { engine } = this.#options;
    const names = new Set(unticked);
    const sides = new Map(kept);
    const steps: number[] = [];
    const decided = new Map<Side, number[]>();
    for await (const row of this.#rows(plan)) {
      if (names.has(nameOf(row))) steps.push(row.step);
      const side = sides.get(nameOf(row));
      if (side !== undefined && side !== keptSide(row)) decided.set(side, [...(decided.get(side) ?? []), row.step]);
    }
    for (const [keep, which] of decided) await engine.call('plans.resolve', { plan, keep, steps: which });
    return steps.length === 0
      ? engine.call('plans.info', { plan })
      : engine.call('plans.tick', { plan, ticked: false, steps });
  }

  /** Numbers of the steps that are ticked, or that are not. */
  async #stepsWith(plan: string, ticked: boolean, filter?: PlanFilter): Promise<number[]> {
    const steps: number[] = [];
    for await (const row of this.#rows(plan, filter)) if (row.ticked === ticked) steps.push(row.step);
    return steps;
  }

  async *#rows(plan: string, filter?: PlanFilter, signal?: AbortSignal): AsyncGenerator<PlanRow> {
    for (let offset = 0; ; offset += PAGE_SIZE) {
      const page = await this.#options.engine.call(
        'plans.page',
        { plan, offset, limit: PAGE_SIZE, ...(filter === undefined ? {} : { filter }) },
        { signal },
      );
      yield* page.items;
      if (offset + page.items.length >= page.total || page.items.length === 0) return;
    }
  }
}

/** A step's name within its plan, whatever its number. */
function nameOf({ op, path }: PlanRow): string {
  return `${op} ${path}`;
}
