import { compareRelpaths } from '../base/relpath.ts';
import type { FileChange, FileStore } from '../store/fileStore.ts';
import type { ScanBatch } from './scanMessages.ts';

const ROWS_A_PAGE = 2_000;

export interface MergeCounts {
  readonly added: number;
  readonly changed: number;
  /** Files that are there now, with those the index keeps. */
  readonly files: number;
  readonly bytes: number;
}

/**
 * Compares one part of the index with what a walk finds there, both in the order of the index, so that neither is ever
 * whole in memory. Says what to write; what seems to be gone is only gathered, since that must be confirmed.
 */
export class IndexMerge {
  readonly #store: FileStore;
  readonly #rootKey: number;
  readonly #folder: string;
  readonly #prefix: string;
  /** Sub-folders, as `name/`, whose rows are not looked at. */
  readonly #skipped: ReadonlySet<string>;
  readonly #kept = new Set<string>();
  readonly #incomplete = new Map<string, ReadonlySet<string>>();
  readonly gone: FileChange[] = [];
  #rows: FileChange[] = [];
  #next = 0;
  #exhausted = false;
  /** The last row that is done with; `''` at the start. */
  #after = '';
  #added = 0;
  #changed = 0;
  #files = 0;
  #bytes = 0;

  constructor(store: FileStore, rootKey: number, folder: string, skipped: readonly string[]) {
    this.#store = store;
    this.#rootKey = rootKey;
    this.#folder = folder;
    this.#prefix = folder === '' ? '' : `${folder}/`;
    this.#skipped = new Set(skipped);
  }

  get counts(): MergeCounts {
    return { added: this.#added, changed: this.#changed, files: this.#files, bytes: this.#bytes };
  }

  /** Takes the next files of the walk. Returns those that the index does not have so. */
  accept(batch: ScanBatch): FileChange[] {
    for (const relpath of batch.kept) this.#kept.add(relpath);
    for (const { folder, listed } of batch.incomplete) this.#incomplete.set(folder, new Set(listed));
    if (this.#isAsIndexed(batch)) return [];
    const changes: FileChange[] = [];
    const relpaths = batch.relpaths === '' ? [] : batch.relpaths.split('\0');
    for (let index = 0; index < relpaths.length; index++) {
      const relpath = relpaths[index] ?? '';
      const size = batch.sizes[index] ?? 0;
      const mtimeMs = batch.mtimes[index] ?? 0;
      this.#files++;
      this.#bytes += size;
      const row = this.#rowUpTo(relpath);
      if (row?.relpath !== relpath) {
        this.#added++;
        changes.push({ relpath, size, mtimeMs });
        continue;
      }
      this.#advance();
      if (row.size !== size || row.mtimeMs !== mtimeMs) {
        this.#changed++;
        changes.push({ relpath, size, mtimeMs });
      }
    }
    return changes;
  }

  /** Whether the next rows are just these files as they are; then they are done with. */
  #isAsIndexed({ relpaths, states, sizes }: ScanBatch): boolean {
    if (states === undefined || relpaths === '' || this.#skipped.size > 0) return false;
    const last = relpaths.slice(relpaths.lastIndexOf('\0') + 1);
    const packed = this.#store.packed(this.#rootKey, { folder: this.#folder, after: this.#after, last });
    if (packed.relpaths !== relpaths || packed.states !== states) return false;
    this.#files += sizes.length;
    for (const size of sizes) this.#bytes += size;
    this.#after = last;
    this.#rows = [];
    this.#next = 0;
    this.#exhausted = false;
    return true;
  }

  /** The walk is over: what the index has beyond it seems to be gone. */
  finish(): void {
    for (let row = this.#peek(); row !== undefined; row = this.#peek()) this.#passOver(row);
  }

  /** The first row not before `relpath`; those before it were not found. */
  #rowUpTo(relpath: string): FileChange | undefined {
    for (;;) {
      const row = this.#peek();
      if (row === undefined || row.relpath === relpath || compareRelpaths(row.relpath, relpath) > 0) return row;
      this.#passOver(row);
    }
  }

  #passOver(row: FileChange): void {
    this.#advance();
    if (this.#isKept(row.relpath)) {
      this.#files++;
      this.#bytes += row.size;
    } else this.gone.push(row);
  }

  #isKept(relpath: string): boolean {
    if (this.#kept.size === 0 && this.#incomplete.size === 0) return false;
    if (this.#kept.has(relpath)) return true;
    // From the root down: '' and each folder above the file.
    for (let end = -1; ;) {
      const folder = end < 0 ? '' : relpath.slice(0, end);
      const nextSlash = relpath.indexOf('/', end + 1);
      if (this.#kept.has(folder)) return true;
      const listed = this.#incomplete.get(folder);
      if (listed !== undefined && (nextSlash < 0 || !listed.has(relpath.slice(end + 1, nextSlash)))) return true;
      if (nextSlash < 0) return false;
      end = nextSlash;
    }
  }

  #peek(): FileChange | undefined {
    for (;;) {
      const row = this.#rows[this.#next];
      if (row === undefined) {
        if (this.#exhausted) return undefined;
        this.#load(this.#rows.at(-1)?.relpath ?? this.#after);
        continue;
      }
      const skipped = this.#skippedFolderOf(row.relpath);
      if (skipped === undefined) return row;
      this.#load(`${this.#prefix}${skipped}/\u{10FFFF}`);
    }
  }

  #advance(): void {
    this.#after = this.#rows[this.#next]?.relpath ?? this.#after;
    this.#next++;
  }

  #skippedFolderOf(relpath: string): string | undefined {
    if (this.#skipped.size === 0) return undefined;
    const slash = relpath.indexOf('/', this.#prefix.length);
    if (slash < 0) return undefined;
    const name = relpath.slice(this.#prefix.length, slash);
    return this.#skipped.has(name) ? name : undefined;
  }

  #load(after: string): void {
    this.#rows = this.#store.states(this.#rootKey, { folder: this.#folder, after, limit: ROWS_A_PAGE });
    this.#next = 0;
    this.#exhausted = this.#rows.length === 0;
  }
}
