import type { EntryStat, FileLayer, FolderListing } from '../../src/library/fileLayer.ts';

export type MemoryEntry =
  | { readonly kind: 'file'; readonly size: number; readonly mtimeMs: number }
  | { readonly kind: 'folder' }
  | { readonly kind: 'link'; readonly target: string | undefined };

/** Files in memory, by absolute path, in which single calls can be made to fail. Folders above a file need no entry. */
export class MemoryLayer implements FileLayer {
  readonly entries = new Map<string, MemoryEntry>();
  /** errno by `list PATH` or `stat PATH`. */
  readonly faults = new Map<string, string>();
  /** Called before each call, with `list PATH` or `stat PATH`: files may come and go. */
  onCall: (call: string) => void = () => undefined;

  constructor(files: Readonly<Record<string, MemoryEntry>> = {}) {
    for (const [path, entry] of Object.entries(files)) this.entries.set(path, entry);
  }

  list(path: string): FolderListing {
    this.#call(`list ${path}`);
    const listing: FolderListing = { files: [], folders: [], links: [] };
    const folders = new Set<string>();
    let exists = this.entries.get(path)?.kind === 'folder';
    for (const [entryPath, entry] of this.entries) {
      if (!entryPath.startsWith(`${path}/`)) continue;
      exists = true;
      const rest = entryPath.slice(path.length + 1);
      const slash = rest.indexOf('/');
      if (slash >= 0) folders.add(rest.slice(0, slash));
      else if (entry.kind === 'folder') folders.add(rest);
      else (entry.kind === 'file' ? listing.files : listing.links).push(rest);
    }
    if (!exists) throw systemError('ENOENT');
    listing.folders.push(...folders);
    return listing;
  }

  stat(path: string): EntryStat | undefined {
    this.#call(`stat ${path}`);
    const entry = this.entries.get(path);
    if (entry === undefined) return undefined;
    return {
      size: entry.kind === 'file' ? entry.size : 0,
      mtimeMs: entry.kind === 'file' ? entry.mtimeMs : 0,
      dev: 1,
      isFile: () => entry.kind === 'file',
      isDirectory: () => entry.kind === 'folder',
      isSymbolicLink: () => entry.kind === 'link',
    };
  }

  realPath(path: string): string {
    const entry = this.entries.get(path);
    if (entry?.kind !== 'link') return path;
    if (entry.target === undefined) throw systemError('ENOENT');
    return entry.target;
  }

  #call(call: string): void {
    this.onCall(call);
    const errno = this.faults.get(call);
    if (errno !== undefined) throw systemError(errno);
  }
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code, syscall: 'test' });
}

export function file(size = 1, mtimeMs = 1_700_000_000_123): MemoryEntry {
  return { kind: 'file', size, mtimeMs };
}
