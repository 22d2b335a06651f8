import type { Database } from 'better-sqlite3';

import type { Clock } from '../base/clock.ts';
import { retryWhileBusy } from './busyRetry.ts';
import { AnswerStore } from './answerStore.ts';
import { ApplyResults } from './applyResults.ts';
import { AuditStore } from './auditStore.ts';
import { BrandStore } from './brandStore.ts';
import { DiffStore } from './diffStore.ts';
import { FileStore } from './fileStore.ts';
import { FolderStore } from './folderStore.ts';
import { HashJournalStore } from './hashJournalStore.ts';
import { ImageStore } from './imageStore.ts';
import { InstructionStore } from './instructionStore.ts';
import { ItemStore } from './itemStore.ts';
import { JobHistory } from './jobHistory.ts';
import { JobLeases } from './jobLeases.ts';
import { JobStore } from './jobStore.ts';
import { KeeperStore } from './keeperStore.ts';
import { openDatabase, type OpenOptions } from './openDatabase.ts';
import { KeptFiles } from './keptFiles.ts';
import { OverviewStore } from './overviewStore.ts';
import { PartialJobs } from './partialJobs.ts';
import { PlanRemovals } from './planRemovals.ts';
import { PlanStore } from './planStore.ts';
import { ProjectStore } from './projectStore.ts';
import { QueueStore } from './queueStore.ts';
import { RootStore } from './rootStore.ts';
import { RunJobs } from './runJobs.ts';
import { RunStore } from './runStore.ts';
import { StepStore } from './stepStore.ts';
import { StepTries } from './stepTries.ts';
import { TrashStore } from './trashStore.ts';
import { UserStore } from './userStore.ts';
import { VerifiedStore } from './verifiedStore.ts';
import { WorkflowStore } from './workflowStore.ts';

/** Everything that is kept: one connection, one object per aggregate. */
export class Store {
  readonly database: Database;
  readonly roots: RootStore;
  readonly files: FileStore;
  readonly hashJournals: HashJournalStore;
  readonly verified: VerifiedStore;
  readonly jobs: JobStore;
  readonly leases: JobLeases;
  readonly jobHistory: JobHistory;
  readonly queue: QueueStore;
  readonly answers: AnswerStore;
  readonly diffs: DiffStore;
  readonly folders: FolderStore;
  readonly plans: PlanStore;
  readonly partialJobs: PartialJobs;
  readonly keptFiles: KeptFiles;
  readonly planRemovals: PlanRemovals;
  readonly trash: TrashStore;
  readonly keepers: KeeperStore;
  readonly steps: StepStore;
  readonly stepTries: StepTries;
  readonly applyResults: ApplyResults;
  readonly users: UserStore;
  readonly brands: BrandStore;
  readonly projects: ProjectStore;
  readonly items: ItemStore;
  readonly instructions: InstructionStore;
  readonly audits: AuditStore;
  readonly workflows: WorkflowStore;
  readonly runs: RunStore;
  readonly runJobs: RunJobs;
  readonly images: ImageStore;
  readonly overview: OverviewStore;

  private constructor(database: Database, clock: Clock) {
    this.database = database;
    this.roots = new RootStore(database);
    this.files = new FileStore(database);
    this.hashJournals = new HashJournalStore(database);
    this.verified = new VerifiedStore(database);
    this.jobs = new JobStore(database);
    this.leases = new JobLeases(database);
    this.jobHistory = new JobHistory(database);
    this.queue = new QueueStore(database);
    this.answers = new AnswerStore(database);
    this.diffs = new DiffStore(database);
    this.folders = new FolderStore(database);
    this.plans = new PlanStore(database, clock);
    this.partialJobs = new PartialJobs(database);
    this.keptFiles = new KeptFiles(database);
    this.planRemovals = new PlanRemovals(database);
    this.trash = new TrashStore(database);
    this.keepers = new KeeperStore(database);
    this.steps = new StepStore(database, this.files, this.trash);
    this.stepTries = new StepTries(database, this.files);
    this.applyResults = new ApplyResults(database);
    this.users = new UserStore(database);
    this.brands = new BrandStore(database);
    this.projects = new ProjectStore(database);
    this.items = new ItemStore(database);
    this.instructions = new InstructionStore(database);
    this.audits = new AuditStore(database);
    this.workflows = new WorkflowStore(database);
    this.runs = new RunStore(database);
    this.runJobs = new RunJobs(database);
    this.images = new ImageStore(database);
    this.overview = new OverviewStore(database);
  }

  static async open(options: OpenOptions): Promise<Store> {
    // Another process may be migrating, or switching the file to WAL.
    return retryWhileBusy(() => new Store(openDatabase(options), options.clock), options.clock);
  }

  /**
   * Runs the work as one transaction that holds the write lock from its start, so that what it reads stays true until it
   * has written. Throws SQLITE_BUSY while another process holds the lock: call it through `retryWhileBusy`.
   */
  transaction<T>(work: () => T): T {
    return this.database.transaction(work).immediate();
  }

  /** Grows when another connection has written. */
  dataVersion(): number {
    return Number(this.database.pragma('data_version', { simple: true }));
  }

  /** How many migrations this database has had. */
  schemaVersion(): number {
    return this.database.prepare<[], number>('SELECT count(*) FROM schema_migrations').pluck().get() ?? 0;
  }

  close(): void {
    this.database.close();
  }
}
