import type { Database } from 'better-sqlite3';
import * as z from 'zod';

import { type Binding, bindingSchema, type WorkflowGraph, workflowGraphSchema } from '../protocol/studioValues.ts';

export interface WorkflowRow {
  readonly id: string;
  readonly name: string;
  readonly archived: boolean;
  readonly graph: WorkflowGraph;
  readonly bindings: Binding[];
}

interface RawWorkflow {
  id: string;
  name: string;
  archived: number;
  graph: string;
  bindings: string;
}

const SELECT = 'SELECT id, name, archived_at IS NOT NULL AS archived, graph, bindings FROM workflows';
const bindingsSchema = z.array(bindingSchema);

function fromRaw(raw: RawWorkflow): WorkflowRow {
  return {
    id: raw.id,
    name: raw.name,
    archived: raw.archived === 1,
    graph: workflowGraphSchema.parse(JSON.parse(raw.graph)),
    bindings: bindingsSchema.parse(JSON.parse(raw.bindings)),
  };
}

/** Workflows that were imported, or copied from those that come with Lakeside. */
export class WorkflowStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Those that are not archived, by name. */
  list(): WorkflowRow[] {
    return this.#database
      .prepare<[], RawWorkflow>(`${SELECT} WHERE archived_at IS NULL ORDER BY name COLLATE NOCASE`)
      .all()
      .map(fromRaw);
  }

  byId(id: string): WorkflowRow | undefined {
    const raw = this.#database.prepare<[string], RawWorkflow>(`${SELECT} WHERE id = ?`).get(id);
    return raw === undefined ? undefined : fromRaw(raw);
  }

  /** The oldest with just this graph, whether archived or not. `graph` is its canonical JSON. */
  byGraph(graph: string): WorkflowRow | undefined {
    const raw = this.#database
      .prepare<[string], RawWorkflow>(`${SELECT} WHERE graph = ? ORDER BY created_at, id LIMIT 1`)
      .get(graph);
    return raw === undefined ? undefined : fromRaw(raw);
  }

  /** Whether another workflow, archived or not, has this name in whatever case. */
  hasName(name: string, but?: string): boolean {
    return (
      this.#database
        .prepare<[string, string]>('SELECT 1 FROM workflows WHERE name = ? COLLATE NOCASE AND id <> ?')
        .get(name, but ?? '') !== undefined
    );
  }

  add(workflow: {
    readonly id: string;
    readonly name: string;
    /** Canonical JSON. */
    readonly graph: string;
    readonly bindings: readonly Binding[];
    /** Id of a user. */
    readonly by: string;
    readonly now: number;
  }): void {
    const { id, name, graph, bindings, by, now } = workflow;
    this.#database
      .prepare(
        'INSERT INTO workflows (id, name, graph, bindings, created_by, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
      )
      .run(id, name, graph, JSON.stringify(bindings), by, now, now);
  }

  update(id: string, change: Pick<WorkflowRow, 'name' | 'bindings' | 'archived'>, now: number): void {
    this.#database
      .prepare(
        `UPDATE workflows SET name = ?, bindings = ?, updated_at = ?,
           archived_at = CASE WHEN ? THEN coalesce(archived_at, ?) END WHERE id = ?`,
      )
      .run(change.name, JSON.stringify(change.bindings), now, Number(change.archived), now, id);
  }
}
