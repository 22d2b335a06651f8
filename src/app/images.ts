import { LakesideError } from '../base/errors.ts';
import type { ParsedInput } from '../protocol/useCases.ts';
import type { RunImage } from '../protocol/studioValues.ts';
import type { ImageScope } from '../store/imageStore.ts';
import { changeStudio } from './changeStudio.ts';
import type { Core } from './core.ts';
import type { Implementations } from './implementations.ts';
import { requireItem, requireProject } from './requireStudio.ts';
import { imageUnknown, requireRun } from './runs.ts';

/** Each brings a row of an image and one of the audit; at most 1,000 rows a transaction. */
const IMAGES_A_TRANSACTION = 500;

type Judgement = Pick<ParsedInput<'images.judge'>, 'rating' | 'pick'>;

/** The images' rows. What has to do with their files is in imageFiles.ts. */
export function imageUseCases(
  core: Core,
): Pick<Implementations, 'images.page' | 'images.scope' | 'images.get' | 'images.judge'> {
  const { store } = core;
  return {
    'images.page': (query) => {
      requireOneScope(query);
      return store.images.page(query);
    },
    'images.scope': (scope) => {
      requireOneScope(scope);
      return { path: pathOf(core, scope), ...store.images.counts(scope) };
    },
    'images.get': ({ id }) => {
      const image = requireImage(core, id);
      return { image, ...requireRun(core, image.run) };
    },
    'images.judge': async ({ images: ids, ...judgement }) => {
      if (judgement.rating === undefined && judgement.pick === undefined) {
        throw new LakesideError('JUDGEMENT_EMPTY', 'validation', 'Say a rating or a pick.');
      }
      const wanted = [...new Set(ids)];
      const before = store.images.byIds(wanted);
      const missing = wanted.find((id) => !before.some((image) => image.id === id));
      if (missing !== undefined) throw imageUnknown(missing);
      const told: { id: string; rating: number; pick: RunImage['pick'] }[] = [];
      try {
        for (let start = 0; start < wanted.length; start += IMAGES_A_TRANSACTION) {
          told.push(...(await judge(core, wanted.slice(start, start + IMAGES_A_TRANSACTION), judgement)));
        }
      } finally {
        core.changed('images', 'runs');
        core.sidecars.update(told.map(({ id }) => id));
      }
      return { images: store.images.byIds(wanted), before: told };
    },
  };
}

/** Judges some images in one transaction. Gives how they were: as they were then, whoever judged them a moment ago. */
function judge(
  core: Core,
  ids: readonly string[],
  { rating, pick }: Judgement,
): Promise<{ id: string; rating: number; pick: RunImage['pick'] }[]> {
  const { images } = core.store;
  return changeStudio(core, ({ by, audit }) =>
    images.byIds(ids).map((image) => {
      const before = { rating: image.rating, pick: image.pick };
      const after = { rating: rating ?? image.rating, pick: pick ?? image.pick };
      if (before.rating !== after.rating || before.pick !== after.pick) {
        images.judge(image.id, after, by.id);
        audit({ action: 'image.judge', subject: 'image', subjectId: image.id, before, after });
      }
      return { id: image.id, ...before };
    }),
  );
}

function requireImage(core: Core, id: string): RunImage {
  const image = core.store.images.get(id);
  if (image === undefined) throw imageUnknown(id);
  return image;
}

function requireOneScope({ run, item, project }: ImageScope): void {
  if ([run, item, project].filter((id) => id !== undefined).length <= 1) return;
  throw new LakesideError(
    'SCOPE_AMBIGUOUS',
    'validation',
    'Name a run, a work item or a project, and only one of them.',
  );
}

/** `Summer menu › Poster › run of 14:05`, in parts. */
function pathOf(core: Core, { run: runId, item: itemId, project: projectId }: ImageScope): string[] {
  if (runId !== undefined) {
    const { run } = requireRun(core, runId);
    return [run.project.name, run.item.name, `run of ${clockTime(run.createdAt, core.clock.now())}`];
  }
  if (itemId !== undefined) {
    const item = requireItem(core, itemId);
    return [item.project.name, item.name];
  }
  return projectId === undefined ? ['All images'] : [requireProject(core, projectId).name];
}

/** `14:05`, with the day where that is another one. */
function clockTime(timeMs: number, nowMs: number): string {
  const [then, now] = [new Date(timeMs), new Date(nowMs)];
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = `${two(then.getHours())}:${two(then.getMinutes())}`;
  if (then.toDateString() === now.toDateString()) return time;
  return `${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())} ${time}`;
}
