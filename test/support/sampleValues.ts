import type { FolderEntry } from '../../src/protocol/contracts/library.ts';
import type { Job, Root } from '../../src/protocol/values.ts';

/** Values with plausible fields; a test names only those it is about. */
export function sampleRoot(fields: Partial<Root> = {}): Root {
  return {
    name: 'local',
    id: 'id-local',
    path: '/models',
    role: 'local',
    allowDelete: false,
    network: false,
    mounted: true,
    files: 12,
    bytes: 7_451_234_567,
    scannedAt: 1_700_000_000_000,
    watcher: 'engine',
    ...fields,
  };
}

export function sampleLake(fields: Partial<Root> = {}): Root {
  return sampleRoot({ name: 'lake', id: 'id-lake', role: 'lake', path: '/lake', ...fields });
}

type FileEntry = FolderEntry & { type: 'file' };
type Folder = FolderEntry & { type: 'folder' };

export function sampleFile(path: string, fields: Partial<FileEntry> = {}): FileEntry {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return { type: 'file', name, path, size: 2_048, mtimeMs: 1_700_000_000_000, blake3: null, absent: false, ...fields };
}

export function sampleFolder(path: string, fields: Partial<Folder> = {}): Folder {
  return {
    type: 'folder',
    name: path.slice(path.lastIndexOf('/') + 1),
    path,
    files: 3,
    bytes: 3_072,
    absent: false,
    ...fields,
  };
}

export function sampleJob(fields: Partial<Job> = {}): Job {
  return {
    id: 'job-1',
    kind: 'apply',
    title: 'Mirror lake to local',
    status: 'running',
    attempts: 1,
    progress: null,
    createdAt: 1_700_000_000_000,
    startedAt: 1_700_000_001_000,
    finishedAt: null,
    ...fields,
  };
}
