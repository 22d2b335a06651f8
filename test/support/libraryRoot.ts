import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Database } from 'better-sqlite3';

import { systemClock } from '../../src/base/clock.ts';
import { utimesSeconds } from '../../src/base/fileTime.ts';
import { prepareRoot } from '../../src/library/prepareRoot.ts';
import { type ScanResult, scanFolders, scanRoot } from '../../src/library/scanRoot.ts';
import { defaultSettings } from '../../src/protocol/settings.ts';
import { type FileRow, FileStore } from '../../src/store/fileStore.ts';
import { openDatabase } from '../../src/store/openDatabase.ts';
import { type RootRow, RootStore } from '../../src/store/rootStore.ts';
import { storeOptions } from './testStore.ts';

/** An old time, so that hashes are trusted. Milliseconds since 1970. */
export const OLD_MS = 1_700_000_000_123;

/** A folder that is a root, with a database of its own beside it. */
export class LibraryRoot {
  readonly path: string;
  readonly database: Database;
  readonly store: FileStore;
  readonly root: RootRow;

  constructor(folder: string) {
    this.path = join(folder, 'models');
    mkdirSync(this.path);
    this.database = openDatabase(storeOptions(join(folder, 'data')));
    this.store = new FileStore(this.database);
    const prepared = prepareRoot({ name: 'lake', path: this.path, existing: [], clock: systemClock });
    this.root = new RootStore(this.database).add({ ...prepared, role: 'lake', allowDelete: false });
  }

  write(relpath: string, content = relpath, mtimeMs = OLD_MS): void {
    const path = join(this.path, relpath);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    // As text, because Node takes a negative number (a time before 1970) for "now".
    utimesSync(path, 0, String(utimesSeconds(mtimeMs)));
  }

  scan(options: { folder?: string; signal?: AbortSignal } = {}): Promise<ScanResult> {
    return scanRoot({
      root: this.root,
      store: this.store,
      ignore: defaultSettings().ignore,
      signal: options.signal ?? new AbortController().signal,
      folder: options.folder,
    });
  }

  look(...folders: string[]): Promise<ScanResult> {
    const { signal } = new AbortController();
    return scanFolders({ root: this.root, store: this.store, ignore: defaultSettings().ignore, signal, folders });
  }

  rows(): FileRow[] {
    return this.store.page(this.root.key, { limit: 1_000_000 });
  }

  relpaths(): string[] {
    return this.rows().map((row) => row.relpath);
  }

  close(): void {
    this.database.close();
  }
}

export function codesOf(problems: readonly { readonly code: string; readonly path: string }[]): string[] {
  return problems.map((problem) => `${problem.code} ${problem.path}`);
}
