import type { Database } from 'better-sqlite3';

import type { Pick, RunImage } from '../protocol/studioValues.ts';
import { IMAGE_COLUMNS, IMAGE_TABLES, type RawImage, toImage } from './runRows.ts';

/** Which images: of at most one of these; none of them: all. */
export interface ImageScope {
  readonly run?: string | undefined;
  readonly item?: string | undefined;
  readonly project?: string | undefined;
}

export interface ImageQuery extends ImageScope {
  readonly picks?: readonly Pick[] | undefined;
  readonly minRating: number;
  readonly offset: number;
  readonly limit: number;
}

export interface ImageCounts {
  readonly total: number;
  readonly picked: number;
  readonly rejected: number;
}

/** The images of runs, and what people think of them. */
export class ImageStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Newest first. */
  page(query: ImageQuery): { total: number; images: RunImage[] } {
    const { where, values } = conditionsOf(query);
    const total = this.#database
      .prepare<unknown[], number>(`SELECT count(*) FROM run_images AS image ${where}`)
      .pluck()
      .get(...values);
    // The page is cut from the index alone: what is skipped is never read.
    const images = this.#database
      .prepare<unknown[], RawImage>(
        `SELECT ${IMAGE_COLUMNS} FROM ${IMAGE_TABLES} WHERE image.rowid IN (
           SELECT image.rowid FROM run_images AS image ${where}
           ORDER BY image.created_at DESC, image.id DESC LIMIT ? OFFSET ?)
         ORDER BY image.created_at DESC, image.id DESC`,
      )
      .all(...values, query.limit, query.offset)
      .map(toImage);
    return { total: total ?? 0, images };
  }

  counts(scope: ImageScope): ImageCounts {
    const { where, values } = conditionsOf({ ...scope, minRating: 0 });
    const counts = this.#database
      .prepare<unknown[], ImageCounts>(
        `SELECT count(*) AS total, count(*) FILTER (WHERE pick = 'picked') AS picked,
           count(*) FILTER (WHERE pick = 'rejected') AS rejected FROM run_images AS image ${where}`,
      )
      .get(...values);
    return counts ?? { total: 0, picked: 0, rejected: 0 };
  }

  /** In the order they were made. */
  ofRun(run: string): RunImage[] {
    return this.#database
      .prepare<[string], RawImage>(
        `SELECT ${IMAGE_COLUMNS} FROM ${IMAGE_TABLES} WHERE image.run_id = ? ORDER BY image.part, image.n`,
      )
      .all(run)
      .map(toImage);
  }

  get(id: string): RunImage | undefined {
    return this.byIds([id])[0];
  }

  /** In the order of the ids; those that are not known are left out. */
  byIds(ids: readonly string[]): RunImage[] {
    return this.#database
      .prepare<[string], RawImage>(
        `SELECT ${IMAGE_COLUMNS} FROM json_each(?) AS wanted CROSS JOIN run_images AS image ON image.id = wanted.value
         JOIN runs AS run ON run.id = image.run_id ORDER BY wanted.key`,
      )
      .all(JSON.stringify(ids))
      .map(toImage);
  }

  judge(id: string, judgement: { readonly rating?: number; readonly pick?: Pick }, by: string): void {
    this.#database
      .prepare(
        'UPDATE run_images SET rating = coalesce(?, rating), pick = coalesce(?, pick), rated_by = ? WHERE id = ?',
      )
      .run(judgement.rating ?? null, judgement.pick ?? null, by, id);
  }
}

function conditionsOf({ run, item, project, picks, minRating }: Partial<ImageQuery>): {
  where: string;
  values: unknown[];
} {
  const conditions: [sql: string, value: unknown][] = [];
  if (run !== undefined) conditions.push(['image.run_id = ?', run]);
  if (item !== undefined) conditions.push(['image.work_item_id = ?', item]);
  if (project !== undefined) conditions.push(['image.project_id = ?', project]);
  if (picks !== undefined) conditions.push(['image.pick IN (SELECT value FROM json_each(?))', JSON.stringify(picks)]);
  if (minRating !== undefined && minRating > 0) conditions.push(['image.rating >= ?', minRating]);
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.map(([sql]) => sql).join(' AND ')}`;
  return { where, values: conditions.map(([, value]) => value) };
}
