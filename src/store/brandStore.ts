import type { Database } from 'better-sqlite3';

import type { Brand } from '../protocol/studioValues.ts';

type RawBrand = Omit<Brand, 'archived'> & { archived: number };

const SELECT = `SELECT brand.id, brand.slug, brand.name, brand.voice, maker.name AS createdBy,
    brand.created_at AS createdAt, brand.archived_at IS NOT NULL AS archived,
    (SELECT count(*) FROM projects WHERE brand_id = brand.id AND archived_at IS NULL) AS projects
  FROM brands AS brand JOIN users AS maker ON maker.id = brand.created_by`;

function fromRaw(raw: RawBrand): Brand {
  return { ...raw, archived: raw.archived === 1 };
}

export class BrandStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** By name; with `archived` the archived ones too. */
  list(options: { readonly archived: boolean }): Brand[] {
    return this.#database
      .prepare<[number], RawBrand>(
        `${SELECT} WHERE ? OR brand.archived_at IS NULL ORDER BY brand.name COLLATE NOCASE, brand.id`,
      )
      .all(Number(options.archived))
      .map(fromRaw);
  }

  byId(id: string): Brand | undefined {
    const raw = this.#database.prepare<[string], RawBrand>(`${SELECT} WHERE brand.id = ?`).get(id);
    return raw === undefined ? undefined : fromRaw(raw);
  }

  hasSlug(slug: string): boolean {
    return this.#database.prepare<[string]>('SELECT 1 FROM brands WHERE slug = ?').get(slug) !== undefined;
  }

  add(brand: {
    readonly id: string;
    readonly slug: string;
    readonly name: string;
    readonly voice: string;
    /** Id of a user. */
    readonly by: string;
    readonly now: number;
  }): void {
    this.#database
      .prepare(
        'INSERT INTO brands (id, slug, name, voice, created_by, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
      )
      .run(brand.id, brand.slug, brand.name, brand.voice, brand.by, brand.now, brand.now);
  }

  /** `archived` keeps the time it was archived at, or sets it to now. */
  update(id: string, change: Pick<Brand, 'name' | 'voice' | 'archived'>, now: number): void {
    this.#database
      .prepare(
        `UPDATE brands SET name = ?, voice = ?, updated_at = ?,
           archived_at = CASE WHEN ? THEN coalesce(archived_at, ?) END WHERE id = ?`,
      )
      .run(change.name, change.voice, now, Number(change.archived), now, id);
  }
}
