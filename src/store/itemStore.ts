import type { Database } from 'better-sqlite3';

import { itemSchema, type WorkItem } from '../protocol/studioValues.ts';

export type ItemRow = WorkItem & {
  /** Id of the brand of its project. */
  readonly brandId: string;
  /** Archived itself, not only with its project or brand. */
  readonly archivedItself: boolean;
};

interface RawItem extends Omit<ItemRow, 'project' | 'draft' | 'archived' | 'archivedItself'> {
  projectId: string;
  projectSlug: string;
  projectName: string;
  draft: string;
  archived: number;
  archivedItself: number;
}

const SELECT = `SELECT item.id, item.slug, item.name, project.id AS projectId, project.slug AS projectSlug,
    project.name AS projectName, project.brand_id AS brandId, item.brief, item.draft, maker.name AS createdBy,
    item.created_at AS createdAt, item.archived_at IS NOT NULL AS archivedItself,
    item.archived_at IS NOT NULL OR project.archived_at IS NOT NULL OR brand.archived_at IS NOT NULL AS archived,
    (SELECT count(*) FROM runs WHERE work_item_id = item.id) AS runs,
    (SELECT count(*) FROM run_images WHERE work_item_id = item.id) AS images,
    (SELECT count(*) FROM run_images WHERE work_item_id = item.id AND pick = 'picked') AS picked
  FROM work_items AS item JOIN projects AS project ON project.id = item.project_id
    JOIN brands AS brand ON brand.id = project.brand_id JOIN users AS maker ON maker.id = item.created_by`;

function fromRaw(raw: RawItem): ItemRow {
  const { projectId, projectSlug, projectName, ...rest } = raw;
  return {
    ...rest,
    project: { id: projectId, slug: projectSlug, name: projectName },
    draft: itemSchema.shape.draft.parse(JSON.parse(raw.draft)),
    archived: raw.archived === 1,
    archivedItself: raw.archivedItself === 1,
  };
}

export class ItemStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** By name, of one project or of all; with `archived` those that are archived, themselves or with what they lie in, too. */
  list(options: { readonly project?: string | undefined; readonly archived: boolean }): ItemRow[] {
    const ofProject = options.project === undefined ? '' : 'item.project_id = ? AND';
    return this.#database
      .prepare<unknown[], RawItem>(
        `${SELECT} WHERE ${ofProject}
           (? OR (item.archived_at IS NULL AND project.archived_at IS NULL AND brand.archived_at IS NULL))
         ORDER BY item.name COLLATE NOCASE, item.id`,
      )
      .all(...(options.project === undefined ? [] : [options.project]), Number(options.archived))
      .map(fromRaw);
  }

  byId(id: string): ItemRow | undefined {
    const raw = this.#database.prepare<[string], RawItem>(`${SELECT} WHERE item.id = ?`).get(id);
    return raw === undefined ? undefined : fromRaw(raw);
  }

  /** Whether a project has a work item of that slug. */
  hasSlug(project: string, slug: string): boolean {
    return (
      this.#database
        .prepare<[string, string]>('SELECT 1 FROM work_items WHERE project_id = ? AND slug = ?')
        .get(project, slug) !== undefined
    );
  }

  add(item: {
    readonly id: string;
    readonly project: string;
    readonly slug: string;
    readonly name: string;
    readonly brief: string;
    /** Id of a user. */
    readonly by: string;
    readonly now: number;
  }): void {
    this.#database
      .prepare(
        `INSERT INTO work_items (id, project_id, slug, name, brief, created_by, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(item.id, item.project, item.slug, item.name, item.brief, item.by, item.now, item.now);
  }

  update(
    id: string,
    change: Pick<ItemRow, 'name' | 'brief' | 'draft'> & { readonly archived: boolean },
    now: number,
  ): void {
    this.#database
      .prepare(
        `UPDATE work_items SET name = ?, brief = ?, draft = ?, updated_at = ?,
           archived_at = CASE WHEN ? THEN coalesce(archived_at, ?) END WHERE id = ?`,
      )
      .run(change.name, change.brief, JSON.stringify(change.draft), now, Number(change.archived), now, id);
  }
}
