import type { Database } from 'better-sqlite3';

/**
 * The plans of every statement the work prepares, in its order, one line a step. The work is done all the same, so what is
 * tested is what runs.
 */
export function queryPlans(database: Database, work: () => unknown): string[] {
  const statements: string[] = [];
  const prepare = database.prepare.bind(database);
  Object.defineProperty(database, 'prepare', {
    configurable: true,
    value: (sql: string) => {
      statements.push(sql);
      return prepare(sql);
    },
  });
  try {
    work();
  } finally {
    Reflect.deleteProperty(database, 'prepare');
  }
  return statements.map((sql) =>
    prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...Array.from(sql.matchAll(/\?/g), () => null))
      .map(({ detail }) => detail)
      .join('\n'),
  );
}
