import type { Database } from 'better-sqlite3';

export const AUDIT_SUBJECTS = ['user', 'brand', 'project', 'item', 'workflow', 'run', 'image'] as const;
export type AuditSubject = (typeof AUDIT_SUBJECTS)[number];

/** What a command did to one thing. */
export interface Audit {
  readonly at: number;
  /** Id of the user who did it. */
  readonly by: string;
  /** As `brand.add`: what was done, by the name of its subject and a verb. */
  readonly action: `${AuditSubject}.${string}`;
  readonly subject: AuditSubject;
  readonly subjectId: string;
  /** How it was; of a change only the fields that changed. Absent for what was made. */
  readonly before?: unknown;
  readonly after?: unknown;
}

export interface AuditEntry {
  readonly at: number;
  /** Name of the user as it is now. */
  readonly user: string;
  readonly action: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

interface RawEntry {
  at: number;
  user: string;
  action: string;
  before: string | null;
  after: string | null;
}

/** Who did what, when, and how it was before and after. Rows are only ever added; triggers refuse anything else. */
export class AuditStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Call it in the transaction that does what it tells of. */
  add(audit: Audit): void {
    const text = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));
    this.#database
      .prepare(
        'INSERT INTO audits (at, user_id, action, subject, subject_id, before, after) VALUES (?, ?, ?, ?, ?, ?, ?)',
      )
      .run(audit.at, audit.by, audit.action, audit.subject, audit.subjectId, text(audit.before), text(audit.after));
  }

  /** Of one thing, newest first. */
  list(subject: string, subjectId: string, limit: number): AuditEntry[] {
    return this.#database
      .prepare<[string, string, number], RawEntry>(
        `SELECT audit.at, users.name AS user, audit.action, audit.before, audit.after
         FROM audits AS audit JOIN users ON users.id = audit.user_id
         WHERE audit.subject = ? AND audit.subject_id = ? ORDER BY audit.key DESC LIMIT ?`,
      )
      .all(subject, subjectId, limit)
      .map(({ at, user, action, before, after }) => ({
        at,
        user,
        action,
        ...(before === null ? {} : { before: JSON.parse(before) as unknown }),
        ...(after === null ? {} : { after: JSON.parse(after) as unknown }),
      }));
  }
}
