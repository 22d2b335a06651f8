import type { Disposable } from '../../src/base/disposables.ts';
import { LakesideError } from '../../src/base/errors.ts';
import { Emitter } from '../../src/base/events.ts';
import type { EngineEvents } from '../../src/host/engineClient.ts';
import type { PanelEngine } from '../../src/host/panels/panelBridge.ts';
import type { PlanFilter, PlanRow } from '../../src/protocol/contracts/plans.ts';
import type { PlanHeader, PlanSummary } from '../../src/protocol/planFile.ts';
import {
  type CallUseCase,
  type ParsedInput,
  USE_CASES,
  type UseCaseName,
  type UseCaseOutput,
} from '../../src/protocol/useCases.ts';
import type { ApplySummary, Job, StepStatus } from '../../src/protocol/values.ts';

type Answers = { [K in UseCaseName]?: (input: ParsedInput<K>) => UseCaseOutput<K> };

export interface FakePlanEngineOptions {
  readonly steps: PlanRow[];
  readonly kind?: PlanHeader['kind'];
  readonly options?: PlanHeader['options'];
  readonly freeBytes?: number;
  readonly mounted?: boolean;
  /** Refuses to open the plan. */
  readonly refuse?: LakesideError;
  /** Refuses to save the plan, the first time. */
  readonly refuseSave?: LakesideError;
  /** What becomes of a step when it is applied; `done` unless told. */
  readonly outcome?: (row: PlanRow) => Partial<Pick<PlanRow, 'status' | 'code' | 'reason'>>;
}

const PLAN = 'plan-1';
const JOB = 'job-1';
const NOW = 1_760_000_000_000;

/** An engine with one plan in memory, whose apply goes on only when a test says so. */
export class FakePlanEngine implements PanelEngine {
  readonly calls: { readonly name: UseCaseName; readonly input: unknown }[] = [];
  readonly #options: FakePlanEngineOptions;
  readonly #rows: PlanRow[];
  readonly #changed = new Emitter<EngineEvents['changed']>();
  readonly #progressed = new Emitter<EngineEvents['progress']>();
  #job: Job | undefined;
  #dirty = false;
  #saveRefusal: LakesideError | undefined;
  #nextStep = 0;
  #applied: PlanRow[] = [];
  #ms = 0;

  constructor(options: FakePlanEngineOptions) {
    this.#options = options;
    this.#rows = options.steps;
    this.#saveRefusal = options.refuseSave;
  }

  /** What the plan holds now. */
  get rows(): readonly PlanRow[] {
    return this.#rows;
  }

  get job(): Job | undefined {
    return this.#job;
  }

  readonly call: CallUseCase = async (name, input, options) => {
    await Promise.resolve();
    if (options?.signal?.aborted === true) throw new LakesideError('CANCELED', 'policy', 'The request was canceled.');
    this.calls.push({ name, input });
    const answer = this.#answers[name];
    if (answer === undefined) throw new LakesideError('NOT_FAKED', 'unknown', `The fake engine has no ${name}.`);
    const useCase: (typeof USE_CASES)[typeof name] = USE_CASES[name];
    return answer(useCase.input.parse(input) as ParsedInput<typeof name>);
  };

  on<K extends keyof EngineEvents>(event: K, listener: (payload: EngineEvents[K]) => void): Disposable {
    if (event === 'changed') return this.#changed.event(listener as (payload: EngineEvents['changed']) => void);
    if (event === 'progress') return this.#progressed.event(listener as (payload: EngineEvents['progress']) => void);
    return { dispose: () => undefined };
  }

  /** Carries out the next steps of the running apply, and ends it after the last. */
  advance(count: number, ms = 500): void {
    if (this.#job?.status !== 'running') return;
    this.#ms += ms;
    for (const row of this.#applied.slice(this.#nextStep, this.#nextStep + count)) {
      Object.assign(row, { status: 'done' }, this.#options.outcome?.(row));
    }
    this.#nextStep = Math.min(this.#applied.length, this.#nextStep + count);
    for (const row of this.#applied.slice(this.#nextStep, this.#nextStep + 4)) row.status = 'running';
    if (this.#nextStep === this.#applied.length) this.#end('succeeded');
    else this.#tell();
  }

  readonly #answers: Answers = {
    'plans.open': () => {
      if (this.#options.refuse !== undefined) throw this.#options.refuse;
      return this.#info();
    },
    'plans.info': () => this.#info(),
    'plans.page': ({ filter, sort, descending, offset, limit }) => {
      const shown = this.#shown(filter, sort, descending);
      return {
        total: shown.length,
        tickedTotal: shown.filter(({ ticked }) => ticked).length,
        items: shown.slice(offset, offset + limit).map((row) => ({ ...row })),
      };
    },
    'plans.tick': ({ ticked, steps, filter }) => {
      const chosen = steps === undefined ? this.#shown(filter) : steps.flatMap((step) => this.#rows[step] ?? []);
      for (const row of chosen) row.ticked = ticked;
      this.#dirty = this.#rows.some((row) => !row.ticked);
      this.#changed.fire({ topics: ['plans'] });
      return this.#info();
    },
    'plans.resolve': ({ keep, steps, filter }) => {
      const chosen = steps === undefined ? this.#shown(filter) : steps.flatMap((step) => this.#rows[step] ?? []);
      for (const row of chosen) {
        if (row.op === 'delete' || row.expect.from === null || row.expect.to === null) continue;
        row.ticked = keep !== 'none';
        if (keep === 'from') delete row.direction;
        else row.direction = keep === 'to' ? 'reverse' : 'undecided';
        row.bytes = (keep === 'to' ? row.expect.to : row.expect.from).size;
      }
      this.#dirty = true;
      this.#changed.fire({ topics: ['plans'] });
      return this.#info();
    },
    'plans.save': () => {
      const refusal = this.#saveRefusal;
      this.#saveRefusal = undefined;
      if (refusal !== undefined) throw refusal;
      return this.#clean();
    },
    'plans.revert': () => {
      for (const row of this.#rows) row.ticked = true;
      return this.#clean();
    },
    'plans.apply': () => {
      this.#start();
      return { job: JOB };
    },
    'jobs.get': () => ({ job: this.#knownJob() }),
    'jobs.pause': () => {
      this.#hold('running', 'paused');
      return { paused: 1 };
    },
    'jobs.resume': () => {
      this.#hold('paused', 'running');
      return { resumed: 1 };
    },
    'jobs.cancel': () => {
      this.#end('canceled');
      return { job: this.#knownJob() };
    },
    'jobs.retry': () => {
      this.#start();
      return { job: this.#knownJob() };
    },
    'roots.list': () => ({ roots: [this.#root('lake', true), this.#root('local', this.#options.mounted ?? true)] }),
    'roots.space': () => ({ freeBytes: this.#options.freeBytes ?? 4 * 1024 ** 4, totalBytes: 8 * 1024 ** 4 }),
  };

  #clean(): UseCaseOutput<'plans.info'> {
    this.#dirty = false;
    this.#changed.fire({ topics: ['plans'] });
    return this.#info();
  }

  #hold(from: Job['status'], to: Job['status']): void {
    const job = this.#knownJob();
    if (job.status === from) this.#job = { ...job, status: to };
    this.#changed.fire({ topics: ['jobs'] });
  }

  #knownJob(): Job {
    if (this.#job === undefined) throw new LakesideError('JOB_UNKNOWN', 'validation', 'There is no such job.');
    return this.#job;
  }

  #start(): void {
    this.#nextStep = 0;
    this.#ms = 0;
    const order = { move: 0, copy: 1, delete: 2 };
    const ticked = this.#rows
      .filter((row) => row.ticked && row.direction !== 'undecided')
      .sort((a, b) => order[a.op] - order[b.op]);
    for (const row of this.#rows) {
      if (row.direction === 'undecided') Object.assign(row, { status: 'skipped', code: 'CONFLICT_UNDECIDED' });
    }
    for (const row of ticked) {
      row.status = row.status === 'done' || row.status === 'already' ? 'already' : 'pending';
      delete row.code;
      delete row.reason;
    }
    this.#applied = ticked.filter(({ status }) => status === 'pending');
    this.#job = {
      id: JOB,
      kind: 'apply',
      title: 'Mirror lake → local',
      status: 'running',
      attempts: 1,
      progress: this.#progress(),
      createdAt: NOW,
      startedAt: NOW,
      finishedAt: null,
    };
    this.advance(0, 0);
  }

  #end(status: 'succeeded' | 'canceled'): void {
    for (const row of this.#applied) {
      if (row.status === 'pending' || row.status === 'running') row.status = 'canceled';
    }
    this.#job = { ...this.#knownJob(), status, finishedAt: NOW + this.#ms };
    this.#tell();
  }

  #tell(): void {
    const progress = this.#progress();
    const job = { ...this.#knownJob(), progress };
    this.#job = job;
    this.#progressed.fire({ job: JOB, kind: 'apply', title: job.title, status: job.status, progress });
    this.#changed.fire({ topics: ['jobs', 'plans'] });
  }

  #progress(): NonNullable<Job['progress']> {
    const current = this.#applied[this.#nextStep];
    return {
      ...(current === undefined ? {} : { text: `Copying ${current.path}` }),
      doneItems: this.#nextStep,
      totalItems: this.#applied.length,
      doneBytes: copiedBytes(this.#applied.slice(0, this.#nextStep)),
      totalBytes: copiedBytes(this.#applied),
    };
  }

  #info(): UseCaseOutput<'plans.info'> {
    const ticked = this.#rows.filter((row) => row.ticked && row.direction !== 'undecided');
    return {
      plan: PLAN,
      header: {
        format: 'lakeside-plan',
        version: 1,
        kind: this.#options.kind ?? 'mirror',
        from: { root: 'lake', id: 'lake-id' },
        to: { root: 'local', id: 'local-id' },
        options: this.#options.options ?? { delete: true },
        summary: summaryOf(this.#rows),
        seal: '5'.repeat(64),
      },
      all: summaryOf(this.#rows),
      ticked: summaryOf(ticked),
      replaces: ticked.filter(({ op, expect }) => op === 'copy' && expect.to !== null).length,
      ...(this.#options.kind === 'both' || this.#options.kind === 'undo' ? { sides: sidesOf(this.#rows) } : {}),
      dirty: this.#dirty,
      ...(this.#job === undefined ? {} : { job: JOB, progress: this.#summary() }),
    };
  }

  #summary(): ApplySummary {
    const count = (status: StepStatus): number => this.#rows.filter((row) => row.status === status).length;
    return {
      done: count('done'),
      already: count('already'),
      skipped: count('skipped'),
      undecided: this.#rows.filter(({ code }) => code === 'CONFLICT_UNDECIDED').length,
      failed: count('failed'),
      canceled: count('canceled'),
      bytes: copiedBytes(this.#rows.filter(({ status }) => status === 'done')),
      ms: this.#ms,
    };
  }

  #shown(filter: PlanFilter | undefined, sort = 'path', descending = false): PlanRow[] {
    const text = filter?.text?.toLowerCase();
    const rows = this.#rows.filter(
      (row) =>
        (filter?.ops?.includes(row.op) ?? true) &&
        (filter?.undecided === undefined || filter.undecided === (row.direction === 'undecided')) &&
        (filter?.statuses?.includes(row.status ?? 'pending') ?? true) &&
        (text === undefined || row.path.toLowerCase().includes(text)),
    );
    const compare: Readonly<Record<string, (a: PlanRow, b: PlanRow) => number>> = {
      size: (a, b) => a.bytes - b.bytes,
      op: (a, b) => a.op.localeCompare(b.op),
      status: (a, b) => (a.status ?? '').localeCompare(b.status ?? ''),
    };
    const by = compare[sort];
    if (by !== undefined) rows.sort(by);
    return descending ? rows.reverse() : rows;
  }

  #root(name: 'lake' | 'local', mounted: boolean): UseCaseOutput<'roots.list'>['roots'][number] {
    const problem = {
      code: 'ROOT_NOT_MOUNTED',
      category: 'infra',
      message: `${name} is not mounted: its marker is missing at /models/${name}. Connect the drive.`,
    } as const;
    return {
      name,
      id: `${name}-id`,
      path: `/models/${name}`,
      role: name,
      allowDelete: false,
      network: name === 'lake',
      mounted,
      ...(mounted ? {} : { problem }),
      files: 1_000,
      bytes: 1_000_000_000,
      scannedAt: NOW,
      watcher: 'engine',
    };
  }
}

function copiedBytes(rows: readonly PlanRow[]): number {
  return rows.reduce((sum, row) => sum + (row.op === 'copy' ? row.bytes : 0), 0);
}

function summaryOf(rows: readonly PlanRow[]): PlanSummary {
  const total = (members: readonly PlanRow[]): { count: number; bytes: number } => {
    return { count: members.length, bytes: members.reduce((sum, { bytes }) => sum + bytes, 0) };
  };
  const conflicts = rows.filter(({ direction }) => direction === 'undecided');
  const of = (op: PlanRow['op']): { count: number; bytes: number } =>
    total(rows.filter((row) => row.op === op && row.direction !== 'undecided'));
  const conflict = conflicts.length === 0 ? {} : { conflict: total(conflicts) };
  return { copy: of('copy'), move: of('move'), delete: of('delete'), ...conflict };
}

function sidesOf(rows: readonly PlanRow[]): NonNullable<UseCaseOutput<'plans.info'>['sides']> {
  const side = (direction: PlanRow['direction']): NonNullable<UseCaseOutput<'plans.info'>['sides']>['to'] => {
    const steps = rows.filter((row) => row.direction === direction);
    const ticked = steps.filter((row) => row.ticked);
    const copies = ticked.filter(({ op }) => op === 'copy');
    return {
      steps: steps.length,
      copy: { count: copies.length, bytes: copies.reduce((sum, { bytes }) => sum + bytes, 0) },
      deletes: ticked.filter(({ op }) => op === 'delete').length,
      replaces: copies.filter(({ expect }) => expect.from !== null && expect.to !== null).length,
    };
  };
  return { from: side('reverse'), to: side(undefined) };
}
