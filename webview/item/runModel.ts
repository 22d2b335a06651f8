export interface PartPreview {
  /** From 1. */
  readonly part: number;
  readonly uri: string;
}

/** Images of a run that are shown beside it; the gallery has the rest. */
export const SHOWN_IMAGES = 8;

/** Previews that are left after so many more images have come: the earliest parts are done. */
export function afterImages(previews: readonly PartPreview[], more: number): readonly PartPreview[] {
  return more <= 0 ? previews : previews.toSorted((a, b) => a.part - b.part).slice(more);
}
