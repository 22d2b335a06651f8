import { formatBytes, formatCount, formatQuantity } from '../../base/format.ts';
import type { UseCaseOutput } from '../../protocol/useCases.ts';
import type { Root } from '../../protocol/values.ts';
import { rootLabel } from './modelNodes.ts';
import { formatTime, type ViewIcon } from './modelView.ts';

export type Partial = UseCaseOutput<'partials.list'>['partials'][number];

/** What is known of a root beside what `roots.list` says; undefined while it is not known. */
export interface RootExtras {
  readonly trash: { readonly total: number; readonly bytes: number } | undefined;
  /** Half-copied files that nobody will go on with. */
  readonly partials: readonly Partial[] | undefined;
}

/** A row of the view *Roots*, ready for the editor. */
export interface RootFactRow {
  /** Names the row below its root. */
  readonly fact: 'problem' | 'space' | 'files' | 'hashed' | 'scanned' | 'verified' | 'rot' | 'trash' | 'partials';
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
  readonly icon: ViewIcon;
  /** Runs when the row is clicked, with the row's node. */
  readonly command: string | undefined;
}

/** The row of a root itself: free space as a bar where it is mounted, and why not where it is not. */
export function rootSummary(root: Root): {
  readonly description: string;
  readonly tooltip: string;
  readonly icon: ViewIcon;
  readonly context: string;
  readonly spoken: string;
} {
  const name = rootLabel(root);
  const space = spaceOf(root);
  const needsLook = (root.rottenFiles ?? 0) > 0;
  const state = root.mounted ? (root.readOnly === true ? 'read only' : undefined) : notMountedWords(root);
  const description = [
    root.mounted && space !== undefined ? `${formatBytes(space.freeBytes)} free ${spaceBar(space)}` : undefined,
    state,
  ]
    .filter((part) => part !== undefined)
    .join(' · ');
  const words = [
    root.path,
    space === undefined ? undefined : `${formatBytes(space.freeBytes)} free of ${formatBytes(space.totalBytes)}`,
    root.mounted ? undefined : (root.problem?.message ?? 'The folder is not there now.'),
    root.network ? 'On the network' : undefined,
    root.allowDelete ? 'Deleting without trash is allowed' : undefined,
  ].filter((line) => line !== undefined);
  return {
    description,
    tooltip: words.join('\n'),
    icon: root.mounted
      ? needsLook
        ? { id: 'warning', color: 'list.warningForeground' }
        : { id: ROLE_ICONS[root.role] }
      : { id: 'debug-disconnect', color: 'list.warningForeground' },
    context: `;root;${root.mounted ? 'mounted' : 'unmounted'};${root.role};${root.readOnly === true ? 'readonly;' : ''}`,
    spoken: [name, state, ...words.slice(1)].filter((part) => part !== undefined).join(', '),
  };
}

const ROLE_ICONS = { local: 'device-desktop', lake: 'server', other: 'folder-library' } as const;

/** What is known of a root, a row each; what needs a person comes first. */
export function rootFacts(root: Root, { trash, partials }: RootExtras, nowMs: number): RootFactRow[] {
  const rows: (RootFactRow | undefined)[] = [
    root.mounted ? undefined : problemRow(root),
    rotRow(root),
    partialsRow(partials),
    spaceRow(root),
    filesRow(root),
    hashedRow(root),
    scannedRow(root, nowMs),
    verifiedRow(root, nowMs),
    trashRow(trash),
  ];
  return rows.filter((row) => row !== undefined);
}

function problemRow(root: Root): RootFactRow {
  const isUnc = root.problem?.code === 'UNC_HOST_NOT_ALLOWED';
  const message = root.problem?.message ?? `${root.path} is not there now.`;
  return {
    fact: 'problem',
    label: isUnc ? 'Allow this network host…' : message,
    description: isUnc ? message : '',
    tooltip: `${message}\nNothing is read as deleted, and nothing is written.`,
    icon: { id: isUnc ? 'shield' : 'info' },
    command: isUnc ? 'lakeside.allowNetworkHost' : undefined,
  };
}

function rotRow({ rottenFiles = 0 }: Root): RootFactRow | undefined {
  if (rottenFiles === 0) return undefined;
  return {
    fact: 'rot',
    label: 'Bit rot',
    description: `${formatQuantity(rottenFiles, 'file')}: content changed by itself`,
    tooltip:
      'Their size and time are as they were, but not their content. Show the log of the last verify for their names.',
    icon: { id: 'error', color: 'list.errorForeground' },
    command: 'lakeside.showVerify',
  };
}

function partialsRow(partials: readonly Partial[] | undefined): RootFactRow | undefined {
  if (partials === undefined || partials.length === 0) return undefined;
  const bytes = partials.reduce((sum, { size }) => sum + size, 0);
  return {
    fact: 'partials',
    label: 'Half-copied files',
    description: `${formatCount(partials.length)} · ${formatBytes(bytes)}`,
    tooltip: 'Left by copies that nobody will go on with. Click to choose which to remove.',
    icon: { id: 'warning', color: 'list.warningForeground' },
    command: 'lakeside.removePartials',
  };
}

function spaceRow(root: Root): RootFactRow | undefined {
  const space = spaceOf(root);
  if (space === undefined) return undefined;
  const used = space.totalBytes - space.freeBytes;
  return {
    fact: 'space',
    label: `${formatBytes(used)} used`,
    description: `of ${formatBytes(space.totalBytes)}`,
    tooltip: `${formatBytes(space.freeBytes)} of ${formatBytes(space.totalBytes)} are free. Click to make a plan that frees space.`,
    icon: { id: 'database' },
    command: 'lakeside.freeSpace',
  };
}

function filesRow({ files, bytes, scannedAt }: Root): RootFactRow | undefined {
  if (scannedAt === null) return undefined;
  return {
    fact: 'files',
    label: formatQuantity(files, 'file'),
    description: formatBytes(bytes),
    tooltip: `${formatQuantity(files, 'file')}, ${formatBytes(bytes)}`,
    icon: { id: 'files' },
    command: undefined,
  };
}

function hashedRow({ files, bytes, hashedFiles, hashedBytes }: Root): RootFactRow | undefined {
  if (hashedFiles === undefined || files === 0) return undefined;
  const share = (hashedBytes ?? 0) / Math.max(1, bytes);
  const percent = hashedFiles >= files ? 100 : Math.min(99, Math.floor(share * 100));
  return {
    fact: 'hashed',
    label: percent === 100 ? 'All hashed' : `${percent} % hashed`,
    description: percent === 100 ? '' : `${formatQuantity(files - hashedFiles, 'file')} to go`,
    tooltip: `The content of ${formatCount(hashedFiles)} of ${formatQuantity(files, 'file')} is known by its BLAKE3.`,
    icon: { id: 'key' },
    command: percent === 100 ? undefined : 'lakeside.hashNow',
  };
}

function scannedRow({ scannedAt }: Root, nowMs: number): RootFactRow {
  return {
    fact: 'scanned',
    label: scannedAt === null ? 'Not scanned yet' : 'Scanned',
    description: scannedAt === null ? '' : agoWords(nowMs - scannedAt),
    tooltip: scannedAt === null ? 'Click to read names, sizes and times.' : `Scanned ${formatTime(scannedAt)}`,
    icon: { id: 'sync' },
    command: 'lakeside.scanRoot',
  };
}

function verifiedRow({ verifiedAt, hashedFiles }: Root, nowMs: number): RootFactRow | undefined {
  if (hashedFiles === undefined || hashedFiles === 0) return undefined;
  const never = verifiedAt === null || verifiedAt === undefined;
  return {
    fact: 'verified',
    label: never ? 'Never verified' : 'Verified',
    description: never ? '' : agoWords(nowMs - verifiedAt),
    tooltip: never
      ? 'Click to read the files again and compare them with their hashes.'
      : `All of it was read again and compared, ${formatTime(verifiedAt)}`,
    icon: { id: 'verified' },
    command: 'lakeside.verifyRoot',
  };
}

function trashRow(trash: RootExtras['trash']): RootFactRow | undefined {
  if (trash === undefined) return undefined;
  const isEmpty = trash.total === 0;
  return {
    fact: 'trash',
    label: 'Trash',
    description: isEmpty ? 'empty' : `${formatQuantity(trash.total, 'file')} · ${formatBytes(trash.bytes)}`,
    tooltip: 'What plans deleted or replaced. Click to look at it, restore it or remove it for good.',
    icon: { id: 'trash' },
    command: 'lakeside.openTrash',
  };
}

interface Space {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

function spaceOf({ freeBytes, totalBytes }: Root): Space | undefined {
  return freeBytes === undefined || totalBytes === undefined || totalBytes === 0
    ? undefined
    : { freeBytes, totalBytes };
}

const BAR_CELLS = 8;

/** How full it is, as eight cells: `▰▰▰▰▰▰▱▱`. */
export function spaceBar({ freeBytes, totalBytes }: Space): string {
  const used = Math.min(1, Math.max(0, 1 - freeBytes / totalBytes));
  // Never full while there is room, never empty while there is something.
  const full =
    used >= 1 ? BAR_CELLS : used <= 0 ? 0 : Math.min(BAR_CELLS - 1, Math.max(1, Math.round(used * BAR_CELLS)));
  return '▰'.repeat(full) + '▱'.repeat(BAR_CELLS - full);
}

function notMountedWords({ problem }: Root): string {
  if (problem?.code === 'UNC_HOST_NOT_ALLOWED') return 'not allowed yet';
  const reason = problem?.context?.reason;
  if (reason === 'marker-other') return 'another folder';
  return reason === 'no-answer' ? 'not answering' : 'not mounted';
}

/** `just now`, `5 min ago`, `3 h ago`, `12 days ago`. */
export function agoWords(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${formatCount(Math.floor(hours / 24))} days ago`;
}
