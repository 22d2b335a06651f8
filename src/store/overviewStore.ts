import type { Database } from 'better-sqlite3';

export interface StudioCounts {
  readonly brands: number;
  readonly projects: number;
  readonly items: number;
  readonly runs: number;
  readonly images: number;
}

const NOTHING: StudioCounts = { brands: 0, projects: 0, items: 0, runs: 0, images: 0 };

/** What is asked across all of the studio. */
export class OverviewStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** How much there is: of brands, projects and work items what is not archived, of runs and images all. */
  counts(): StudioCounts {
    const counts = this.#database
      .prepare<[], StudioCounts>(
        `SELECT (SELECT count(*) FROM brands WHERE archived_at IS NULL) AS brands,
           (SELECT count(*) FROM projects AS project JOIN brands AS brand ON brand.id = project.brand_id
            WHERE project.archived_at IS NULL AND brand.archived_at IS NULL) AS projects,
           (SELECT count(*) FROM work_items AS item JOIN projects AS project ON project.id = item.project_id
              JOIN brands AS brand ON brand.id = project.brand_id
            WHERE item.archived_at IS NULL AND project.archived_at IS NULL AND brand.archived_at IS NULL) AS items,
           (SELECT count(*) FROM runs) AS runs, (SELECT count(*) FROM run_images) AS images`,
      )
      .get();
    return counts ?? NOTHING;
  }
}
