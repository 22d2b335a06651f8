import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { systemClock } from '../../src/base/clock.ts';
import { utimesSeconds } from '../../src/base/fileTime.ts';
import { compareRelpaths } from '../../src/base/relpath.ts';
import { loadBlake3 } from '../../src/library/blake3.ts';
import type { TaskContext } from '../../src/library/hashFile.ts';
import type { ExpectedFile } from '../../src/protocol/planFile.ts';
import { applyPlan } from '../../src/transfer/applyPlan.ts';
import type { ApplyCounts, ApplyOptions, TransferRunner } from '../../src/transfer/applyRun.ts';
import { diskFiles } from '../../src/transfer/fileLayer.ts';
import type { PlanStep, PlanSteps } from '../../src/transfer/planSteps.ts';
import type { IndexChange, StepOutcome } from '../../src/transfer/stepOutcome.ts';
import { runTransferTask } from '../../src/transfer/transferTasks.ts';
import { Crash, type FaultyFiles } from './faultyFiles.ts';

/** Relpath → text. */
export type Tree = Readonly<Record<string, string>>;

export const BASE_TIME = Date.UTC(2024, 0, 2, 3, 4, 5);

/** Two roots on the disk, for transfers of made-up files. */
export class TransferWorld {
  readonly from: string;
  readonly to: string;

  constructor(folder: string) {
    this.from = join(folder, 'from');
    this.to = join(folder, 'to');
    for (const root of [this.from, this.to]) {
      rmSync(root, { recursive: true, force: true });
      mkdirSync(join(root, '.lakeside'), { recursive: true });
      writeFileSync(join(root, '.lakeside', 'root.json'), '{}');
    }
  }

  fill(root: 'from' | 'to', tree: Tree): void {
    for (const [relpath, text] of Object.entries(tree)) this.write(root, relpath, text);
  }

  /** Writes a file whose time follows from its text, so that equal files are equal in time too. */
  write(root: 'from' | 'to', relpath: string, text: string, mtimeMs = timeOf(text)): void {
    const path = join(this[root], relpath);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    // As text: Node takes a negative number for "now".
    utimesSync(path, String(utimesSeconds(mtimeMs)), String(utimesSeconds(mtimeMs)));
  }

  read(root: 'from' | 'to', relpath: string): string | undefined {
    try {
      return readFileSync(join(this[root], relpath), 'utf8');
    } catch {
      return undefined;
    }
  }

  /** Every file outside .lakeside. */
  tree(root: 'from' | 'to'): Record<string, string> {
    return readTree(this[root], (name) => name !== '.lakeside');
  }

  /** Every file in .lakeside/trash by its relpath, the run's folder left out; ` (2)` stays. */
  trash(): Record<string, string[]> {
    const trash = join(this.to, '.lakeside', 'trash');
    const found: Record<string, string[]> = {};
    for (const run of listOrNothing(trash)) {
      for (const [relpath, text] of Object.entries(readTree(join(trash, run)))) (found[relpath] ??= []).push(text);
    }
    return found;
  }

  aside(): Record<string, string> {
    return readTree(join(this.to, '.lakeside', 'aside'));
  }

  folders(root: 'from' | 'to'): string[] {
    return readFolders(this[root]).filter((folder) => !folder.startsWith('.lakeside'));
  }

  /** All texts in the target root, wherever they are. */
  everything(): Set<string> {
    return new Set(Object.values(readTree(this.to)));
  }

  state(root: 'from' | 'to', relpath: string): ExpectedFile {
    const stat = lstatSync(join(this[root], relpath));
    return { size: stat.size, mtimeMs: Math.floor(stat.mtimeMs) };
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
      runner: inThisThread(files),
      from: { name: 'local', path: this.from, mtimeStepMs: 1, allowDelete: false },
      to: { name: 'lake', path: this.to, mtimeStepMs: 1, allowDelete: false },
      seal: 'ab'.repeat(32),
      trashEnabled: true,
      parallelFiles: 2,
      clock: systemClock,
      signal: new AbortController().signal,
      requireMounted: () => Promise.resolve(),
      onProgress: () => undefined,
      ...more,
    });
  }
}

export function timeOf(text: string): number {
  let sum = 0;
  for (const character of text) sum = (sum * 31 + character.charCodeAt(0)) % 100_000_007;
  return BASE_TIME + sum;
}

/** The steps of one job, kept in memory. */
export class MemorySteps implements PlanSteps {
  readonly steps: readonly PlanStep[];
  readonly outcomes = new Map<number, StepOutcome>();
  readonly changes: IndexChange[] = [];
  /** Hashes that the index is taken to hold, by `root path`. */
  readonly known = new Map<string, string>();
  readonly #files: FaultyFiles | undefined;

  constructor(steps: readonly Omit<PlanStep, 'step'>[], files?: FaultyFiles, before?: MemorySteps) {
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

  #pending(): PlanStep[] {
    return this.steps.filter(({ step }) => !this.outcomes.has(step));
  }

  totals(): ReturnType<PlanSteps['totals']> {
    const bytes = (steps: readonly PlanStep[]): number =>
      steps.reduce((sum, step) => sum + (step.op === 'copy' ? (step.expect.from?.size ?? 0) : 0), 0);
    const all = bytes(this.steps);
    return Promise.resolve({
      items: this.steps.length,
      doneItems: this.outcomes.size,
      bytes: all,
      doneBytes: all - bytes(this.#pending()),
      failedCopies: this.steps.filter(({ step, op }) => op === 'copy' && this.outcomes.get(step)?.status === 'failed')
        .length,
    });
  }

  pending(op: PlanStep['op'], after: number, limit: number): Promise<PlanStep[]> {
    return Promise.resolve(
      this.#pending()
        .filter((step) => step.op === op && step.step > after)
        .slice(0, limit),
    );
  }

  deletesAt(path: string): Promise<PlanStep[]> {
    return Promise.resolve(
      this.#pending().filter(
        (step) => step.op === 'delete' && (step.path === path || step.path.startsWith(`${path}/`)),
      ),
    );
  }

  finishedMoves(after: number, limit: number): Promise<PlanStep[]> {
    const finished = this.steps.filter(({ op, step }) => {
      const status = this.outcomes.get(step)?.status;
      return op === 'move' && step > after && (status === 'done' || status === 'already');
    });
    return Promise.resolve(finished.slice(0, limit));
  }

  record(outcomes: readonly StepOutcome[], further: readonly IndexChange[]): Promise<void> {
    // A process that crashed records nothing.
    if (this.#files?.crashed === true) return Promise.reject(new Crash('crashed'));
    for (const outcome of outcomes) {
      this.outcomes.set(outcome.step, outcome);
      this.changes.push(...outcome.changes);
    }
    this.changes.push(...further);
    return Promise.resolve();
  }

  knownHash(root: 'from' | 'to', path: string): string | undefined {
    return this.known.get(`${root} ${path}`);
  }
}

export function taskContext(
  aborted: () => boolean = () => false,
  report: (bytes: number) => void = () => undefined,
): TaskContext {
  return { buffer: Buffer.alloc(64 * 1024), report, aborted };
}

/** Runs each task at once, in this thread. */
export function inThisThread(files: FaultyFiles | undefined): TransferRunner {
  return {
    async run(kind, place, input, { signal, onBytes }) {
      await Promise.resolve();
      const context = taskContext(() => signal.aborted, onBytes);
      const { output } = runTransferTask({ kind, place, input }, context, files ?? diskFiles);
      if (files?.crashed === true) throw new Crash('crashed');
      return output;
    },
  };
}

export function blake3Of(text: string): string {
  const hash = loadBlake3().createHash();
  hash.update(Buffer.from(text));
  return hash.digest().toString('hex');
}

function listOrNothing(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readTree(root: string, wanted: (name: string) => boolean = () => true): Record<string, string> {
  const found: Record<string, string> = {};
  const walk = (folder: string, prefix: string): void => {
    for (const name of listOrNothing(folder)) {
      if (prefix === '' && !wanted(name)) continue;
      const path = join(folder, name);
      const stat = lstatSync(path);
      if (stat.isDirectory()) walk(path, `${prefix}${name}/`);
      else if (stat.isFile()) found[`${prefix}${name}`] = readFileSync(path, 'utf8');
    }
  };
  walk(root, '');
  return found;
}

function readFolders(root: string, prefix = ''): string[] {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => [`${prefix}${entry.name}`, ...readFolders(join(root, entry.name), `${prefix}${entry.name}/`)]);
}
