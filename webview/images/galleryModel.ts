import { baseName } from '../../src/base/relpath.ts';
import { formatCount, formatQuantity } from '../../src/base/format.ts';
import type { Pick, RunImage } from '../../src/protocol/studioValues.ts';
import { starWords } from '../shared/starWords.ts';

/** What the gallery shows and says, as functions of data. */

export interface GalleryFilter {
  /** None: all. */
  readonly picks: readonly Pick[];
  /** 0: all. */
  readonly minRating: number;
}

export const NO_FILTER: GalleryFilter = { picks: [], minRating: 0 };

/** A judgement: what it sets, and leaves out what it leaves alone. */
export interface Judgement {
  readonly pick?: Pick;
  readonly rating?: number;
}

/** How an image was judged before. */
export interface Judged {
  readonly id: string;
  readonly pick: Pick;
  readonly rating: number;
}

/** Widths of the cells to choose from, in CSS pixels. */
export const TILE_WIDTHS = [96, 136, 184, 248, 340] as const;

export const PICK_WORDS: Readonly<Record<Pick, string>> = {
  picked: 'Picked',
  none: 'Undecided',
  rejected: 'Rejected',
};

export function isFiltered({ picks, minRating }: GalleryFilter): boolean {
  return picks.length > 0 || minRating > 0;
}

export function toggledPick(picks: readonly Pick[], pick: Pick): Pick[] {
  return picks.includes(pick) ? picks.filter((each) => each !== pick) : [...picks, pick];
}

/** Whether images judged so leave what the filter shows. */
export function leavesFilter({ picks, minRating }: GalleryFilter, { pick, rating }: Judgement): boolean {
  return (
    (pick !== undefined && picks.length > 0 && !picks.includes(pick)) || (rating !== undefined && rating < minRating)
  );
}

/** `Picked 3 images`, `Rated 1 image 4 stars` */
export function judgementWords({ pick, rating }: Judgement, count: number): string {
  const images = formatQuantity(count, 'image');
  if (rating !== undefined)
    return rating === 0 ? `Cleared the stars of ${images}` : `Rated ${images} ${starWords(rating)}`;
  if (pick === 'none') return `Took the mark off ${images}`;
  return pick === 'picked' ? `Picked ${images}` : `Rejected ${images}`;
}

/** The judgements that bring images back to how they were: one for each way they were. */
export function judgementsBack(
  before: readonly Judged[],
): { readonly judgement: Required<Judgement>; readonly ids: string[] }[] {
  const groups = new Map<string, { judgement: Required<Judgement>; ids: string[] }>();
  for (const { id, pick, rating } of before) {
    const key = `${pick} ${rating}`;
    const group = groups.get(key) ?? { judgement: { pick, rating }, ids: [] };
    group.ids.push(id);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** Read aloud: `Image 12 of 100, picked, 3 stars, master-1-3.png` */
export function imageWords(image: RunImage | undefined, index: number, total: number): string {
  const place = `Image ${formatCount(index + 1)} of ${formatCount(total)}`;
  if (image === undefined) return `${place}, loading`;
  const words = [place];
  if (image.pick !== 'none') words.push(image.pick);
  if (image.rating > 0) words.push(starWords(image.rating));
  return [...words, fileName(image)].join(', ');
}

export function fileName({ path }: { readonly path: string }): string {
  return baseName(path.replaceAll('\\', '/'));
}

/** `120 of 3,400 images` */
export function shownWords(shown: number, all: number | undefined): string {
  if (all === undefined || shown === all) return formatQuantity(shown, 'image');
  return `${formatCount(shown)} of ${formatQuantity(all, 'image')}`;
}

/** Where an image is after rows came and went, looking near where it was; undefined when it is not there. */
export function findNear(
  id: string,
  index: number,
  rowAt: (index: number) => { readonly id: string } | undefined,
  reach = 400,
): number | undefined {
  for (let distance = 0; distance <= reach; distance++) {
    if (rowAt(index + distance)?.id === id) return index + distance;
    if (index >= distance && rowAt(index - distance)?.id === id) return index - distance;
  }
  return undefined;
}
