import { formatBytes, formatCount, formatDuration, formatQuantity } from '../../base/format.ts';
import type { Run, RunImage, RunState } from '../../protocol/studioValues.ts';
import { formatTime, type ModelView, type ViewIcon } from './modelView.ts';
import {
  type BrandNode,
  type EmptyNode,
  type ImageNode,
  type ItemNode,
  namedThing,
  type NamedNode,
  type ProjectNode,
  type RunNode,
  type StudioNode,
  studioNodeId,
} from './projectNodes.ts';

/** A row of the Projects tree, ready for the editor. */
export type ProjectView = Omit<ModelView, 'decoration'>;

/** Longer prompts are cut in rows and tooltips; the gallery and the editor show them whole. */
const PROMPT_SHOWN = 200;

/** @param now for times of today, which need no date */
export function projectView(node: StudioNode, now: number): ProjectView {
  switch (node.kind) {
    case 'brand':
      return brandView(node);
    case 'project':
      return projectRow(node);
    case 'item':
      return itemView(node);
    case 'run':
      return runView(node, now);
    case 'image':
      return imageView(node);
    case 'part':
      return {
        ...emptyView(node),
        label: `${node.of.kind === 'run' ? 'Images' : 'Entries'} ${formatCount(node.offset + 1)} to ${formatCount(node.offset + node.count)}`,
        icon: { id: 'ellipsis' },
        open: 'closed',
      };
    case 'olderRuns':
      return {
        ...emptyView(node),
        label: 'Show older runs…',
        icon: { id: 'ellipsis' },
        command: 'lakeside.showOlderRuns',
      };
    case 'empty':
      return nothingView(node);
  }
}

function brandView(node: BrandNode): ProjectView {
  const { brand } = node;
  const projects = formatQuantity(brand.projects, 'project');
  return {
    ...namedView(node),
    description: listed([archivedWord(brand), projects]),
    tooltip: lines([brand.name, projects, brand.voice === '' ? undefined : `Voice: ${cut(brand.voice)}`, made(brand)]),
    icon: { id: 'tag', color: faint(brand) },
    open: 'open',
  };
}

function projectRow(node: ProjectNode): ProjectView {
  const { project } = node;
  const counts = listed([formatQuantity(project.items, 'work item'), formatQuantity(project.images, 'image')]);
  return {
    ...namedView(node),
    // Short enough for a side bar of 300 pixels; the tooltip has the rest.
    description: listed([archivedWord(project), formatQuantity(project.images, 'image')]),
    tooltip: lines([project.name, `Brand ${project.brand.name}`, counts, project.imagesFolder, made(project)]),
    icon: { id: 'project', color: faint(project) },
    open: 'closed',
  };
}

function itemView(node: ItemNode): ProjectView {
  const { item, active } = node;
  const images = formatQuantity(item.images, 'image');
  const picked = item.picked === 0 ? undefined : `${formatCount(item.picked)} of ${formatCount(item.images)} picked`;
  const doing = active === 'running' ? 'generating' : active === 'waiting' ? 'waiting' : undefined;
  return {
    ...namedView(node),
    description: listed([archivedWord(item), doing, picked ?? images]),
    tooltip: lines([
      item.name,
      item.brief === '' ? undefined : cut(item.brief),
      listed([formatQuantity(item.runs, 'run'), images, picked]),
      made(item),
    ]),
    icon:
      active === undefined
        ? { id: 'symbol-color', color: faint(item) }
        : { id: active === 'running' ? 'sync~spin' : 'clock' },
    open: 'closed',
    command: 'lakeside.openItem',
  };
}

const RUN_ICONS: Readonly<Record<RunState, ViewIcon>> = {
  queued: { id: 'clock' },
  waiting: { id: 'watch' },
  running: { id: 'sync~spin' },
  succeeded: { id: 'pass', color: 'testing.iconPassed' },
  failed: { id: 'error', color: 'list.errorForeground' },
  canceled: { id: 'circle-slash', color: 'disabledForeground' },
};

function runView(node: RunNode, now: number): ProjectView {
  const { run } = node;
  const label = shortTime(run.createdAt, now);
  const words = runWords(run);
  return {
    ...emptyView(node),
    label,
    description: listed([words, run.status === 'failed' ? undefined : oneLine(run.prompt)]),
    tooltip: lines([
      run.prompt === '' ? 'No prompt' : cut(run.prompt),
      run.status === 'failed' && run.error !== undefined ? `${run.error.message} (${run.error.code})` : words,
      run.unpicked === 0 ? undefined : `${formatQuantity(run.unpicked, 'image')} to pick`,
      `Provider ${run.provider}`,
      `Queued ${formatTime(run.createdAt)} by ${run.createdBy}`,
      run.startedAt === null || run.finishedAt === null
        ? undefined
        : `Took ${formatDuration(run.finishedAt - run.startedAt)}`,
    ]),
    spoken: `Run of ${formatTime(run.createdAt)}, ${run.status}, ${words}`,
    icon: RUN_ICONS[run.status],
    open: run.images > 0 ? 'closed' : 'never',
    context: contextOf(['run', run.status, run.images > 0 ? 'images' : 'bare']),
    command: run.images > 0 ? 'lakeside.openGallery' : 'lakeside.openItem',
  };
}

/** Where a run stands, in a few words; why, if it waits or failed. */
export function runWords(run: Run): string {
  switch (run.status) {
    case 'queued':
      return 'in the queue';
    case 'waiting':
      return run.waitingFor ?? 'waiting';
    case 'running':
      return `${formatCount(run.images)} of ${formatCount(run.count)}`;
    case 'succeeded':
      return formatQuantity(run.images, 'image');
    case 'failed':
      return run.error?.message ?? 'failed';
    case 'canceled':
      return run.images === 0 ? 'canceled' : `canceled after ${formatQuantity(run.images, 'image')}`;
  }
}

const IMAGE_ICONS: Readonly<Record<RunImage['pick'], ViewIcon>> = {
  none: { id: 'file-media' },
  picked: { id: 'pass-filled', color: 'testing.iconPassed' },
  rejected: { id: 'circle-slash', color: 'disabledForeground' },
};

function imageView(node: ImageNode): ProjectView {
  const { image } = node;
  const size = `${image.width} × ${image.height}`;
  const stars = image.rating === 0 ? undefined : '★'.repeat(image.rating);
  const rated = image.rating === 0 ? undefined : `${formatQuantity(image.rating, 'star')} of 5`;
  const pick = image.pick === 'none' ? undefined : image.pick;
  return {
    ...emptyView(node),
    label: image.path.split(/[\\/]/).at(-1) ?? image.path,
    description: listed([stars, size]),
    tooltip: lines([
      image.path,
      listed([size, formatBytes(image.bytes), image.mime]),
      `Seed ${image.seed}`,
      image.model === '' ? undefined : `Model ${image.model}`,
      listed([rated, pick]),
    ]),
    spoken: `Image ${image.n}, ${listed([pick, rated, size])}`,
    icon: IMAGE_ICONS[image.pick],
    context: contextOf(['image', image.pick]),
    command: 'lakeside.openGallery',
  };
}

const NOTHING = {
  brand: { label: 'New project…', command: 'lakeside.newProject', icon: 'add' },
  project: { label: 'New work item…', command: 'lakeside.newItem', icon: 'add' },
  item: { label: 'No runs yet. Generate…', command: 'lakeside.openItem', icon: 'add' },
  run: { label: 'No images', command: undefined, icon: 'dash' },
} as const;

function nothingView(node: EmptyNode): ProjectView {
  const { label, command, icon } = NOTHING[node.of.kind];
  return { ...emptyView(node), label, command, icon: { id: icon } };
}

function namedView(node: NamedNode): ProjectView {
  const { name, archived } = namedThing(node);
  return { ...emptyView(node), label: name, context: contextOf([node.kind, archived ? 'archived' : 'live']) };
}

function emptyView(node: StudioNode): ProjectView {
  return {
    id: studioNodeId(node),
    label: '',
    description: undefined,
    tooltip: undefined,
    spoken: undefined,
    icon: undefined,
    open: 'never',
    context: contextOf([node.kind]),
    command: undefined,
  };
}

type Named = Readonly<{ archived: boolean; createdAt: number; createdBy: string }>;

function archivedWord({ archived }: Named): string | undefined {
  return archived ? 'archived' : undefined;
}

function faint({ archived }: Named): string | undefined {
  return archived ? 'disabledForeground' : undefined;
}

function made({ createdAt, createdBy }: Named): string {
  return `Made ${formatTime(createdAt)} by ${createdBy}`;
}

/** `14:05` today, else with the date. */
function shortTime(ms: number, now: number): string {
  const time = formatTime(ms);
  const today = formatTime(now).slice(0, 10);
  return time.startsWith(today) ? time.slice(11) : time;
}

function oneLine(text: string): string | undefined {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line === '' ? undefined : line.slice(0, PROMPT_SHOWN);
}

function cut(text: string): string {
  return text.length > PROMPT_SHOWN ? `${text.slice(0, PROMPT_SHOWN)}…` : text;
}

function contextOf(words: readonly string[]): string {
  return `;${words.join(';')};`;
}

function listed(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' · ');
}

function lines(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join('\n');
}
