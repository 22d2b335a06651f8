import type { Database } from 'better-sqlite3';

import { type Project, type StoragePolicy, storagePolicySchema } from '../protocol/studioValues.ts';

/** A project without what hangs on settings: where its storage policy leads. */
export type ProjectRow = Omit<Project, 'imagesFolder'> & {
  /** Archived itself, not only with its brand. */
  readonly archivedItself: boolean;
};

interface RawProject extends Omit<ProjectRow, 'brand' | 'storage' | 'archived' | 'archivedItself'> {
  brandId: string;
  brandSlug: string;
  brandName: string;
  storage: string;
  archived: number;
  archivedItself: number;
}

const SELECT = `SELECT project.id, project.slug, project.name, brand.id AS brandId, brand.slug AS brandSlug,
    brand.name AS brandName, project.storage, project.currency, maker.name AS createdBy,
    project.created_at AS createdAt, project.archived_at IS NOT NULL AS archivedItself,
    project.archived_at IS NOT NULL OR brand.archived_at IS NOT NULL AS archived,
    (SELECT count(*) FROM work_items WHERE project_id = project.id AND archived_at IS NULL) AS items,
    (SELECT count(*) FROM run_images WHERE project_id = project.id) AS images
  FROM projects AS project JOIN brands AS brand ON brand.id = project.brand_id
    JOIN users AS maker ON maker.id = project.created_by`;

function fromRaw(raw: RawProject): ProjectRow {
  const { brandId, brandSlug, brandName, ...rest } = raw;
  return {
    ...rest,
    brand: { id: brandId, slug: brandSlug, name: brandName },
    storage: storagePolicySchema.parse(JSON.parse(raw.storage)),
    archived: raw.archived === 1,
    archivedItself: raw.archivedItself === 1,
  };
}

export class ProjectStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** By name, of one brand or of all; with `archived` those that are archived, themselves or with their brand, too. */
  list(options: { readonly brand?: string | undefined; readonly archived: boolean }): ProjectRow[] {
    const ofBrand = options.brand === undefined ? '' : 'project.brand_id = ? AND';
    return this.#database
      .prepare<unknown[], RawProject>(
        `${SELECT} WHERE ${ofBrand} (? OR (project.archived_at IS NULL AND brand.archived_at IS NULL))
         ORDER BY project.name COLLATE NOCASE, project.id`,
      )
      .all(...(options.brand === undefined ? [] : [options.brand]), Number(options.archived))
      .map(fromRaw);
  }

  byId(id: string): ProjectRow | undefined {
    const raw = this.#database.prepare<[string], RawProject>(`${SELECT} WHERE project.id = ?`).get(id);
    return raw === undefined ? undefined : fromRaw(raw);
  }

  hasSlug(slug: string): boolean {
    return this.#database.prepare<[string]>('SELECT 1 FROM projects WHERE slug = ?').get(slug) !== undefined;
  }

  add(project: {
    readonly id: string;
    readonly brand: string;
    readonly slug: string;
    readonly name: string;
    readonly storage: StoragePolicy;
    readonly currency: string;
    /** Id of a user. */
    readonly by: string;
    readonly now: number;
  }): void {
    this.#database
      .prepare(
        `INSERT INTO projects (id, brand_id, slug, name, storage, currency, created_by, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        project.id,
        project.brand,
        project.slug,
        project.name,
        JSON.stringify(project.storage),
        project.currency,
        project.by,
        project.now,
        project.now,
      );
  }

  update(
    id: string,
    change: Pick<ProjectRow, 'name' | 'storage' | 'currency'> & { readonly archived: boolean },
    now: number,
  ): void {
    this.#database
      .prepare(
        `UPDATE projects SET name = ?, storage = ?, currency = ?, updated_at = ?,
           archived_at = CASE WHEN ? THEN coalesce(archived_at, ?) END WHERE id = ?`,
      )
      .run(change.name, JSON.stringify(change.storage), change.currency, now, Number(change.archived), now, id);
  }
}
