import { join } from 'node:path';

import { systemClock } from '../../src/base/clock.ts';
import { compareRelpaths, joinRelpath } from '../../src/base/relpath.ts';
import { loadBlake3 } from '../../src/library/blake3.ts';
import type { TaskContext } from '../../src/library/hashFile.ts';
import type { ExpectedFile, PlanItem } from '../../src/protocol/planFile.ts';
import { stepBytes } from '../../src/protocol/planTotals.ts';
import { applyPlan } from '../../src/transfer/applyPlan.ts';
import type { ApplyCounts, ApplyOptions, TransferRunner } from '../../src/transfer/applyOptions.ts';
import type { FileLayer, FileStat } from '../../src/transfer/fileLayer.ts';
import type { Keeper } from '../../src/store/keeperStore.ts';
import type { Leaving, PlanStep, PlanSteps } from '../../src/transfer/planSteps.ts';
import type { IndexChange, StepOutcome } from '../../src/transfer/stepOutcome.ts';
import { nativePath } from '../../src/transfer/transferPaths.ts';
import { turnedStep } from '../../src/transfer/turnedStep.ts';
import { runTransferTask } from '../../src/transfer/transferTasks.ts';
import { MemoryDisk } from './disk/memoryDisk.ts';
import { NTFS, POSIX, SMB, type VolumeTraits } from './disk/volumeTraits.ts';
import { realDisk, type WorldDisk, worldOf } from './disk/worldDisk.ts';
import { Crash, FaultyFiles, type Faults } from './faultyFiles.ts';

/** Relpath → text. */
export type Tree = Readonly<Record<string, string>>;
/** `outside` lies beside the two roots and belongs to neither. */
export type Place = 'from' | 'to' | 'outside';

export const BASE_TIME = Date.UTC(2024, 0, 2, 3, 4, 5);

/** The file systems on which every transfer is tested: the real one of this machine, and two in memory. */
const WORLDS = ['this disk', 'Windows drives', 'a Windows drive and a NAS'] as const;
/** `POSIX in memory` behaves as this disk does, and is faster. */
export type WorldKind = (typeof WORLDS)[number] | 'POSIX in memory';

/** A suite once for each world: `describe`, without the indentation. */
export function inEveryWorld(title: string, suite: (kind: WorldKind) => void): void {
  for (const kind of WORLDS) describe(`${title} on ${kind}`, () => suite(kind));
}

interface WorldLayout {
  readonly disk: WorldDisk;
  /** The memory disk, where it is one. */
  readonly memory?: MemoryDisk;
  readonly paths: Readonly<Record<Place, string>>;
  readonly traits: Readonly<Record<'from' | 'to', VolumeTraits>>;
}

function layOut(kind: WorldKind, folder: string): WorldLayout {
  if (kind === 'this disk') {
    const paths = { from: join(folder, 'from'), to: join(folder, 'to'), outside: join(folder, 'outside') };
    return { disk: realDisk, paths, traits: { from: POSIX, to: POSIX } };
  }
  const [paths, traits] = {
    'POSIX in memory': [
      { from: '/from', to: '/to', outside: '/outside' },
      { from: POSIX, to: POSIX },
    ] as const,
    'Windows drives': [
      { from: 'C:\\Models', to: 'D:\\Lake', outside: 'E:\\Outside' },
      { from: NTFS, to: NTFS },
    ] as const,
    'a Windows drive and a NAS': [
      { from: 'C:\\Models', to: '\\\\nas\\lake\\models', outside: 'E:\\Outside' },
      { from: NTFS, to: SMB },
    ] as const,
  }[kind];
  const memory = new MemoryDisk({ [paths.from]: traits.from, [paths.to]: traits.to, [paths.outside]: traits.from });
  return { disk: worldOf(memory), memory, paths, traits };
}

/** Two roots, for transfers of made-up files. */
export class TransferWorld {
  readonly from: string;
  readonly to: string;
  readonly outside: string;
  readonly disk: WorldDisk;
  readonly memory: MemoryDisk | undefined;
  readonly traits: Readonly<Record<'from' | 'to', VolumeTraits>>;

  /** @param folder where they lie on the real disk; nothing is written there for a world in memory */
  constructor(folder: string, kind: WorldKind = 'this disk') {
    const layout = layOut(kind, folder);
    this.from = layout.paths.from;
    this.to = layout.paths.to;
    this.outside = layout.paths.outside;
    this.disk = layout.disk;
    this.memory = layout.memory;
    this.traits = layout.traits;
    for (const root of ['from', 'to'] as const) {
      this.disk.remove(this[root]);
      this.disk.write(this.path(root, '.lakeside/root.json'), Buffer.from('{}'), BASE_TIME);
    }
    this.disk.makeFolder(this.outside);
  }

  /** The native path of a relpath, as the program calls it. */
  path(place: Place, relpath: string): string {
    return nativePath(this[place], relpath, this.disk.files.windows);
  }

  /** The world's files with faults; to be given to `apply`. */
  faulty(faults: Faults = {}): FaultyFiles {
    return new FaultyFiles(faults, this.disk.files);
  }

  fill(place: Place, tree: Tree): void {
    for (const [relpath, text] of Object.entries(tree)) this.write(place, relpath, text);
  }

  /** Writes a file whose time follows from its text, so that equal files are equal in time too. */
  write(place: Place, relpath: string, text: string, mtimeMs = timeOf(text)): void {
    this.disk.write(this.path(place, relpath), Buffer.from(text), mtimeMs);
  }

  read(place: Place, relpath: string): string | undefined {
    return this.disk.read(this.path(place, relpath))?.toString();
  }

  /** With all that is below it; `''`: the whole root. */
  erase(place: Place, relpath: string): void {
    this.disk.remove(relpath === '' ? this[place] : this.path(place, relpath));
  }

  makeFolder(place: Place, relpath: string): void {
    this.disk.makeFolder(this.path(place, relpath));
  }

  symlink(target: string, place: Place, relpath: string): void {
    this.disk.symlink(target, this.path(place, relpath));
  }

  link(place: Place, existing: string, relpath: string): void {
    this.disk.link(this.path(place, existing), this.path(place, relpath));
  }

  /** The names in a folder, sorted. */
  names(place: Place, relpath = ''): string[] {
    return listOrNothing(this.disk.files, relpath === '' ? this[place] : this.path(place, relpath)).sort();
  }

  kind(place: Place, relpath: string): FileStat['kind'] | undefined {
    return this.disk.files.lstat(this.path(place, relpath))?.kind;
  }

  /** Every file outside .lakeside. */
  tree(place: Place): Record<string, string> {
    const tree = this.#readTree(place, '');
    return Object.fromEntries(Object.entries(tree).filter(([relpath]) => !relpath.startsWith('.lakeside/')));
  }

  /** Every file in .lakeside/trash by its relpath, the run's folder left out; ` (2)` stays. */
  trash(place: Place = 'to'): Record<string, string[]> {
    const found: Record<string, string[]> = {};
    for (const run of this.names(place, '.lakeside/trash')) {
      for (const [relpath, text] of Object.entries(this.#readTree(place, `.lakeside/trash/${run}`))) {
        (found[relpath] ??= []).push(text);
      }
    }
    return found;
  }

  aside(place: Place = 'to'): Record<string, string> {
    return this.#readTree(place, '.lakeside/aside');
  }

  folders(place: Place, relpath = ''): string[] {
    return this.names(place, relpath).flatMap((name) => {
      const path = joinRelpath(relpath, name);
      return path === '.lakeside' || this.kind(place, path) !== 'folder' ? [] : [path, ...this.folders(place, path)];
    });
  }

  #readTree(place: Place, folder: string): Record<string, string> {
    const found: Record<string, string> = {};
    const walk = (inside: string): void => {
      for (const name of this.names(place, joinRelpath(folder, inside))) {
        const relpath = joinRelpath(inside, name);
        const path = joinRelpath(folder, relpath);
        const kind = this.kind(place, path);
        if (kind === 'folder') walk(relpath);
        else if (kind === 'file') found[relpath] = this.read(place, path) ?? '';
      }
    };
    walk('');
    return found;
  }

  /** All texts in the target root, wherever they are. */
  everything(place: Place = 'to'): Set<string> {
    return new Set(Object.values(this.#readTree(place, '')));
  }

  state(place: Place, relpath: string): ExpectedFile {
    const stat = this.disk.files.lstat(this.path(place, relpath));
    if (stat?.kind !== 'file') throw new Error(`${relpath} is no file in ${place}`);
    return { size: stat.size, mtimeMs: stat.mtimeMs };
  }

  /** The state of a source as the target's file system keeps it. */
  kept({ size, mtimeMs }: ExpectedFile): ExpectedFile {
    const { timeStepMs } = this.traits.to;
    return { size, mtimeMs: Math.floor(mtimeMs / timeStepMs) * timeStepMs };
  }

  copy(path: string, to: ExpectedFile | null = null): Omit<PlanStep, 'step'> {
    return { op: 'copy', path, expect: { from: this.state('from', path), to } };
  }

  replace(path: string): Omit<PlanStep, 'step'> {
    return this.copy(path, this.state('to', path));
  }

  move(movedFrom: string, path: string): Omit<PlanStep, 'step'> {
    return { op: 'move', path, movedFrom, expect: { from: null, to: this.state('to', movedFrom) } };
  }

  remove(path: string): Omit<PlanStep, 'step'> {
    return { op: 'delete', path, expect: { from: null, to: this.state('to', path) } };
  }

  /** The steps that make the target hold just what the source holds. */
  mirror(): Omit<PlanStep, 'step'>[] {
    const from = this.tree('from');
    const to = this.tree('to');
    const extra = new Set(Object.keys(to).filter((path) => !(path in from)));
    const steps: Omit<PlanStep, 'step'>[] = [];
    for (const [path, text] of Object.entries(from)) {
      if (to[path] === text) continue;
      if (path in to) {
        steps.push(this.replace(path));
        continue;
      }
      const source = [...extra].find((other) => to[other] === text && text !== '');
      if (source === undefined) steps.push(this.copy(path));
      else {
        extra.delete(source);
        steps.push(this.move(source, path));
      }
    }
    for (const path of extra) steps.push(this.remove(path));
    return steps.sort((left, right) => compareRelpaths(left.path, right.path));
  }

  /** Applies steps; `outcomes` of the given memory tell how each ended. */
  apply(steps: MemorySteps, files?: FaultyFiles, more: Partial<ApplyOptions> = {}): Promise<ApplyCounts> {
    return applyPlan({
      steps,
      runner: inThisThread(files ?? this.disk.files),
      from: {
        id: 'l',
        network: false,
        name: 'local',
        path: this.from,
        mtimeStepMs: this.traits.from.timeStepMs,
        allowDelete: false,
      },
      to: {
        id: 'k',
        network: false,
        name: 'lake',
        path: this.to,
        mtimeStepMs: this.traits.to.timeStepMs,
        allowDelete: false,
      },
      windows: this.disk.files.windows,
      seal: 'ab'.repeat(32),
      trashEnabled: true,
      parallelFiles: 2,
      flushTogetherFrom: 2,
      clock: systemClock,
      signal: new AbortController().signal,
      requireMounted: () => Promise.resolve(),
      onProgress: () => undefined,
      ...more,
    });
  }
}

function timeOf(text: string): number {
  let sum = 0;
  for (const character of text) sum = (sum * 31 + character.charCodeAt(0)) % 100_000_007;
  return BASE_TIME + sum;
}

/** A step of a plan, whichever way it goes. */
export type MemoryStep = PlanStep & Pick<PlanItem, 'direction'>;

/** The steps of one job, kept in memory. */
export class MemorySteps implements PlanSteps {
  readonly steps: readonly MemoryStep[];
  readonly outcomes = new Map<number, StepOutcome>();
  readonly changes: IndexChange[] = [];
  /** Hashes that the index is taken to hold, by `root path`. */
  readonly known = new Map<string, string>();
  readonly #files: FaultyFiles | undefined;

  constructor(steps: readonly Omit<MemoryStep, 'step'>[], files?: FaultyFiles, before?: MemorySteps) {
    this.steps = steps.map((step, index) => ({ ...step, step: index }));
    this.#files = files;
    for (const [step, outcome] of before?.outcomes ?? []) this.outcomes.set(step, outcome);
  }

  status(path: string): string {
    const step = this.steps.find((each) => each.path === path);
    const outcome = step === undefined ? undefined : this.outcomes.get(step.step);
    if (outcome === undefined) return 'pending';
    return outcome.code === undefined ? outcome.status : `${outcome.status} ${outcome.code}`;
  }

  reason(path: string): string {
    const step = this.steps.find((each) => each.path === path);
    return (step === undefined ? undefined : this.outcomes.get(step.step)?.reason) ?? '';
  }

  statuses(): string[] {
    return [...this.outcomes.values()].map(({ status }) => status);
  }

  #pending(): MemoryStep[] {
    return this.steps.filter(({ step }) => !this.outcomes.has(step));
  }

  totals(): ReturnType<PlanSteps['totals']> {
    const bytes = (steps: readonly MemoryStep[]): number =>
      steps.reduce((sum, step) => sum + (step.op === 'copy' ? stepBytes(step) : 0), 0);
    const all = bytes(this.steps);
    return Promise.resolve({
      items: this.steps.length,
      doneItems: this.outcomes.size,
      bytes: all,
      doneBytes: all - bytes(this.#pending()),
      failedCopies: this.steps.filter(({ step, op }) => op === 'copy' && this.outcomes.get(step)?.status === 'failed')
        .length,
      reverse: this.steps.filter(({ direction }) => direction === 'reverse').length,
    });
  }

  /** Changes to the index of the first root, by the steps the other way; as those see the roots. */
  readonly reverseChanges: IndexChange[] = [];

  /** Who keeps what is removed for good, by path; by default nobody. */
  readonly keepers = new Map<string, readonly Keeper[]>();

  depart(files: readonly Leaving[]): ReturnType<PlanSteps['depart']> {
    return Promise.resolve(
      new Map(files.map(({ path, lastCopy }) => [path, lastCopy ? null : (this.keepers.get(path) ?? [])])),
    );
  }

  begin(): Promise<void> {
    return Promise.resolve();
  }

  /** Files of *from* that another job is about to remove. */
  readonly leaving = new Set<string>();

  departKept(files: Parameters<PlanSteps['departKept']>[0]): Promise<string[]> {
    return Promise.resolve(files.filter(({ keeperPath }) => this.leaving.has(keeperPath)).map(({ path }) => path));
  }

  settleDepartures(): Promise<void> {
    return Promise.resolve();
  }

  reversed(): PlanSteps {
    return {
      totals: () => this.totals(),
      reversed: () => this,
      undecided: () => Promise.resolve([]),
      pending: (op, after, limit) =>
        Promise.resolve(this.#pendingOf(op, after, limit, 'reverse').map((step) => turnedStep(step))),
      deletesAt: () => Promise.resolve([]),
      finishedMoves: (after, limit) => Promise.resolve(this.#finishedMoves(after, limit, 'reverse').map(turnedStep)),
      record: (outcomes, further) => this.#record(outcomes, further, this.reverseChanges),
      begin: () => Promise.resolve(),
      depart: (files) => this.depart(files),
      departKept: (files) => this.departKept(files),
      settleDepartures: () => Promise.resolve(),
      knownHash: (root, path) => this.knownHash(root === 'from' ? 'to' : 'from', path),
      knownHashes: (root, files) => this.knownHashes(root === 'from' ? 'to' : 'from', files),
    };
  }

  undecided(after: number, limit: number): Promise<PlanStep[]> {
    const found = this.#pending().filter((step) => step.direction === 'undecided' && step.step > after);
    return Promise.resolve(found.slice(0, limit));
  }

  pending(op: PlanStep['op'], after: number, limit: number): Promise<PlanStep[]> {
    return Promise.resolve(this.#pendingOf(op, after, limit, undefined));
  }

  #pendingOf(op: PlanStep['op'], after: number, limit: number, direction: MemoryStep['direction']): MemoryStep[] {
    return this.#pending()
      .filter((step) => step.op === op && step.step > after && step.direction === direction)
      .slice(0, limit);
  }

  deletesAt(path: string): Promise<PlanStep[]> {
    return Promise.resolve(
      this.#pending().filter(
        (step) => step.op === 'delete' && (step.path === path || step.path.startsWith(`${path}/`)),
      ),
    );
  }

  finishedMoves(after: number, limit: number): Promise<PlanStep[]> {
    return Promise.resolve(this.#finishedMoves(after, limit, undefined));
  }

  #finishedMoves(after: number, limit: number, way: MemoryStep['direction']): MemoryStep[] {
    return this.steps
      .filter(({ op, step, direction }) => {
        const status = this.outcomes.get(step)?.status;
        return op === 'move' && direction === way && step > after && (status === 'done' || status === 'already');
      })
      .slice(0, limit);
  }

  record(outcomes: readonly StepOutcome[], further: readonly IndexChange[]): Promise<void> {
    return this.#record(outcomes, further, this.changes);
  }

  #record(outcomes: readonly StepOutcome[], further: readonly IndexChange[], changes: IndexChange[]): Promise<void> {
    // A process that crashed records nothing.
    if (this.#files?.crashed === true) return Promise.reject(new Crash('crashed'));
    for (const outcome of outcomes) {
      this.outcomes.set(outcome.step, outcome);
      changes.push(...outcome.changes);
    }
    changes.push(...further);
    return Promise.resolve();
  }

  knownHash(root: 'from' | 'to', path: string): string | undefined {
    return this.known.get(`${root} ${path}`);
  }

  knownHashes(root: 'from' | 'to', files: readonly { readonly path: string }[]): (string | undefined)[] {
    return files.map(({ path }) => this.knownHash(root, path));
  }
}

function taskContext(
  aborted: () => boolean = () => false,
  report: TaskContext['report'] = () => undefined,
): TaskContext {
  return { buffer: Buffer.alloc(64 * 1024), report, aborted };
}

/** Runs each task at once, in this thread. */
export function inThisThread(files: FileLayer & { readonly crashed?: boolean }): TransferRunner {
  return {
    async run(kind, place, input, { signal, onBytes }) {
      await Promise.resolve();
      const context = taskContext(
        () => signal.aborted,
        (bytes, when) => onBytes(bytes, when === 'before' ? bytes : 0),
      );
      const { output } = runTransferTask({ kind, place, input }, context, files);
      if (files.crashed === true) throw new Crash('crashed');
      return output;
    },
  };
}

export function blake3Of(text: string): string {
  const hash = loadBlake3().createHash();
  hash.update(Buffer.from(text));
  return hash.digest().toString('hex');
}

function listOrNothing(files: FileLayer, folder: string): string[] {
  try {
    return files.list(folder);
  } catch {
    return [];
  }
}
