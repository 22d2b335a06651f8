import * as vscode from 'vscode';

import { type Clock, systemClock } from '../../base/clock.ts';
import { setQueueContext } from '../contextKeys.ts';
import type { JobsModel, JobWithRate } from '../jobsModel.ts';
import { heldSentence } from '../status/queueStatus.ts';
import { Throttle } from '../throttle.ts';
import { groupJobs, type JobGroup, jobRow } from './jobView.ts';
import { themeIcon } from './modelsTree.ts';

export class JobGroupNode {
  readonly group: JobGroup;
  readonly label: string;
  readonly jobs: readonly JobWithRate[];

  constructor(group: JobGroup, label: string, jobs: readonly JobWithRate[]) {
    this.group = group;
    this.label = label;
    this.jobs = jobs;
  }
}

/** A job in the tree, by its id: the rest is looked up when it is drawn. */
export class JobNode {
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }
}

export type JobsNode = JobGroupNode | JobNode;

/** Shows the view *Jobs*; above its rows it says what is held back. */
export function showJobsView(jobs: JobsModel, onError: (error: unknown) => void): vscode.Disposable {
  const tree = new JobsTree(jobs, onError);
  const view = vscode.window.createTreeView('lakeside.jobs', { treeDataProvider: tree });
  const listening = jobs.onChange(({ kind }) => {
    if (kind !== 'list') return;
    view.message = heldSentence(jobs.held) ?? '';
    setQueueContext(jobs.held.all);
  });
  return vscode.Disposable.from(view, tree, listening);
}

/**
 * VS Code redraws a tree once nothing of it has changed for 200 ms: told of progress ten times a second, it would stand
 * still until the job is over.
 */
const REDRAW_MS = 300;

/** The tree *Jobs*, for the editor. Progress redraws its one row. */
export class JobsTree implements vscode.TreeDataProvider<JobsNode>, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<JobsNode[] | undefined>();
  readonly #redraw: Throttle;
  /** Rows to redraw next; `all`: every one. */
  #stale: Set<JobNode> | 'all' = new Set();
  readonly #model: JobsModel;
  readonly #onError: (error: unknown) => void;
  readonly #listening: { dispose(): void };
  /** The same object for the same job, since the editor redraws a row by its object. */
  #nodes = new Map<string, JobNode>();

  constructor(model: JobsModel, onError: (error: unknown) => void, clock: Clock = systemClock) {
    this.#model = model;
    this.#onError = onError;
    this.#redraw = new Throttle(() => this.#fire(), REDRAW_MS, clock);
    this.#listening = model.onChange((change) => {
      if (change.kind === 'list') this.#stale = 'all';
      else {
        const node = this.#nodes.get(change.job);
        if (node === undefined) return;
        if (this.#stale !== 'all') this.#stale.add(node);
      }
      this.#redraw.ask();
    });
  }

  readonly onDidChangeTreeData = this.#changed.event;

  async getChildren(node?: JobsNode): Promise<JobsNode[]> {
    if (node instanceof JobNode) return this.#model.partsOf(node.id).map(({ job }) => this.#nodeOf(job.id));
    if (node instanceof JobGroupNode) return node.jobs.map(({ job }) => this.#nodeOf(job.id));
    try {
      const jobs = await this.#model.load();
      const listed = new Set(jobs.map(({ job }) => job.id));
      this.#nodes = new Map([...this.#nodes].filter(([id]) => listed.has(id)));
      return groupJobs(jobs).map(({ group, label, jobs: members }) => new JobGroupNode(group, label, members));
    } catch (error) {
      this.#onError(error);
      return [];
    }
  }

  getTreeItem(node: JobsNode): vscode.TreeItem {
    if (node instanceof JobGroupNode) return groupItem(node);
    const item = this.#model.job(node.id);
    if (item === undefined) return new vscode.TreeItem('');
    const row = jobRow(item);
    const { Collapsed, None } = vscode.TreeItemCollapsibleState;
    const made = new vscode.TreeItem(row.label, row.hasParts ? Collapsed : None);
    made.id = node.id;
    made.description = row.description;
    made.tooltip = row.tooltip;
    made.iconPath = themeIcon(row.icon);
    made.contextValue = row.context;
    made.command = { command: 'lakeside.showJob', title: 'Show job', arguments: [node] };
    return made;
  }

  #fire(): void {
    const stale = this.#stale;
    this.#stale = new Set();
    this.#changed.fire(stale === 'all' ? undefined : [...stale]);
  }

  dispose(): void {
    this.#listening.dispose();
    this.#redraw.dispose();
    this.#changed.dispose();
  }

  #nodeOf(id: string): JobNode {
    const node = this.#nodes.get(id) ?? new JobNode(id);
    this.#nodes.set(id, node);
    return node;
  }
}

function groupItem({ group, label, jobs }: JobGroupNode): vscode.TreeItem {
  const { Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(label, group === 'done' ? Collapsed : Expanded);
  item.id = `group:${group}`;
  item.description = String(jobs.length);
  item.contextValue = `;group;${group};`;
  return item;
}
