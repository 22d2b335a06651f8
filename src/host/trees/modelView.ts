import { formatBytes, formatCount, formatQuantity } from '../../base/format.ts';
import { type Decoration, decorationOf, differenceMarks, differenceWords, stateWords } from './differenceWords.ts';
import { modelCategory } from './modelCategories.ts';
import {
  type ComparisonNode,
  type EntryNode,
  type FileNode,
  type FolderNode,
  type HintNode,
  type ModelNode,
  nodeId,
  type RootNode,
  rootLabel,
} from './modelNodes.ts';

/** An icon of the editor; `file` and `folder` are those of the person's icon theme. */
export interface ViewIcon {
  readonly id: string;
  /** Id of a theme colour. */
  readonly color?: string | undefined;
}

/** A row of the Models tree, ready for the editor. */
export interface ModelView {
  readonly id: string;
  readonly label: string;
  readonly description: string | undefined;
  readonly tooltip: string | undefined;
  /** What a screen reader says where the description is made of marks. */
  readonly spoken: string | undefined;
  readonly icon: ViewIcon | undefined;
  readonly open: 'never' | 'closed' | 'open';
  /** Words between semicolons, for `viewItem =~ /;word;/`. */
  readonly context: string;
  readonly decoration: Decoration | undefined;
  /** Runs when the row is clicked, with the node. */
  readonly command: string | undefined;
}

export function modelView(node: ModelNode): ModelView {
  switch (node.kind) {
    case 'root':
      return rootView(node);
    case 'folder':
      return folderView(node);
    case 'file':
      return fileView(node);
    case 'part':
      return {
        ...emptyView(node),
        label: `Entries ${formatCount(node.offset + 1)} to ${formatCount(node.offset + node.count)}`,
        icon: { id: 'ellipsis' },
        open: 'closed',
      };
    case 'hint':
      return hintView(node);
    case 'comparison':
      return comparisonView(node);
    case 'setRoot':
      return {
        ...emptyView(node),
        label: node.role === 'local' ? 'Set the Local folder…' : 'Set the Lake folder…',
        tooltip:
          node.role === 'local' ? 'The fast folder your programs load from.' : 'The large folder, usually on a NAS.',
        icon: { id: 'add' },
        command: node.role === 'local' ? 'lakeside.setLocalFolder' : 'lakeside.setLakeFolder',
      };
  }
}

const ROLE_ICONS = { local: 'device-desktop', lake: 'server', other: 'folder-library' } as const;

function rootView(node: RootNode): ModelView {
  const { root } = node;
  const view = { ...emptyView(node), label: rootLabel(root) };
  const totals = `${formatQuantity(root.files, 'file')} · ${formatBytes(root.bytes)}`;
  if (!root.mounted) {
    return {
      ...view,
      description: 'not mounted',
      tooltip: [
        root.path,
        root.scannedAt === null ? undefined : `${totals} when last seen, ${formatTime(root.scannedAt)}`,
        root.problem?.message ?? 'The folder is not there now.',
        'Nothing is read as deleted, and nothing is written.',
      ]
        .filter((line) => line !== undefined)
        .join('\n'),
      icon: { id: 'warning', color: 'list.warningForeground' },
      open: root.scannedAt === null ? 'open' : 'closed',
      context: contextOf(['root', 'unmounted', root.role]),
    };
  }
  return {
    ...view,
    description: root.scannedAt === null ? 'not scanned' : totals,
    tooltip: [root.path, root.scannedAt === null ? undefined : `Scanned ${formatTime(root.scannedAt)}`]
      .filter(Boolean)
      .join('\n'),
    icon: { id: ROLE_ICONS[root.role] },
    open: 'open',
    context: contextOf(['root', 'mounted', root.role]),
  };
}

/** The glyph of `folder`, but drawn with every icon theme: many have none for folders, and the categories beside it do. */
const TOP_FOLDER_ICON = 'symbol-folder';

function folderView(node: FolderNode): ModelView {
  const { entry, root } = node;
  const isTop = !entry.path.includes('/');
  const category = isTop ? modelCategory(entry.name) : undefined;
  const label = category?.label ?? entry.name;
  const marks = entry.absent || entry.states === undefined ? undefined : differenceMarks(entry.states);
  const totals = `${formatQuantity(entry.files, 'file')}, ${formatBytes(entry.bytes)}`;
  return {
    ...emptyView(node),
    label,
    // Short enough for a side bar of 300 pixels: the marks take the place of the count, which the tooltip has.
    description: joined([marks ?? formatCount(entry.files), formatBytes(entry.bytes)], ' · '),
    // The editor adds the decoration's words to it.
    tooltip: `${entry.path}\n${totals}`,
    spoken: joined([label, totals, differenceWords(node)], ', '),
    icon: {
      id: category?.icon ?? (isTop ? TOP_FOLDER_ICON : 'folder'),
      color: entry.absent ? 'disabledForeground' : undefined,
    },
    open: 'closed',
    context: entryContext(node, root.role),
    decoration: decorationOf(node),
  };
}

function fileView(node: FileNode): ModelView {
  const { entry, root } = node;
  const hash = entry.blake3 === null ? 'Not hashed yet' : `BLAKE3 ${entry.blake3}`;
  return {
    ...emptyView(node),
    label: entry.name,
    description: formatBytes(entry.size),
    tooltip: [entry.path, `${formatBytes(entry.size)}, changed ${formatTime(entry.mtimeMs)}`, hash].join('\n'),
    spoken: joined([entry.name, formatBytes(entry.size), differenceWords(node)], ', '),
    icon: entry.absent ? { id: 'cloud-download', color: 'disabledForeground' } : { id: 'file' },
    open: 'never',
    context: entryContext(node, root.role),
    decoration: decorationOf(node),
  };
}

function hintView(node: HintNode): ModelView {
  const view = emptyView(node);
  switch (node.hint) {
    case 'notScanned':
      return {
        ...view,
        label: 'Not scanned yet. Scan now',
        icon: { id: 'search' },
        tooltip: 'Reads the names, sizes and times of all files. No file is changed.',
        command: 'lakeside.scanRoot',
      };
    case 'notMounted': {
      const text = node.root.problem?.message ?? `${node.root.path} is not there now.`;
      return { ...view, label: text, tooltip: text, icon: { id: 'debug-disconnect' } };
    }
    case 'empty':
      return { ...view, label: 'No files', icon: { id: 'circle-slash' }, tooltip: node.root.path };
  }
}

function comparisonView(node: ComparisonNode): ModelView {
  const [here, there] = [rootLabel(node.root), rootLabel(node.other)];
  const words = stateWords(node.states, node.other);
  if (words === undefined) {
    return {
      ...emptyView(node),
      label: `Nothing differs from ${there}`,
      tooltip: `${here} and ${there} hold the same files, as far as sizes, times and known hashes tell.`,
      icon: { id: 'pass', color: 'testing.iconPassed' },
    };
  }
  const label = 'Mirror plan…';
  return {
    ...emptyView(node),
    label,
    description: differenceMarks(node.states),
    tooltip: `${here} and ${there} differ: ${words}.\nThe plan lists what would be done. Nothing is done before you apply it.`,
    spoken: `${label} ${words}`,
    icon: { id: 'checklist' },
    command: 'lakeside.makeMirrorPlan',
  };
}

function emptyView(node: ModelNode): ModelView {
  return {
    id: nodeId(node),
    label: '',
    description: undefined,
    tooltip: undefined,
    spoken: undefined,
    icon: undefined,
    open: 'never',
    context: contextOf([node.kind]),
    decoration: undefined,
    command: undefined,
  };
}

function entryContext(node: EntryNode, role: string): string {
  return contextOf([node.kind, node.entry.absent ? 'absent' : 'present', role]);
}

function contextOf(words: readonly string[]): string {
  return `;${words.join(';')};`;
}

function joined(parts: readonly (string | undefined)[], separator: string): string {
  return parts.filter((part) => part !== undefined).join(separator);
}

/** In the person's own time zone: `2026-01-31 09:05`. */
export function formatTime(ms: number): string {
  return formatTimeToSecond(ms).slice(0, -3);
}

/** In the person's own time zone: `2026-01-31 09:05:42`. */
export function formatTimeToSecond(ms: number): string {
  const time = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  return `${day} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')}`;
}
