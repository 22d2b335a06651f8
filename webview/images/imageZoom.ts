/** Sizes in CSS pixels; a place of an image as parts of its width and height, from 0 to 1. */

interface Size {
  readonly width: number;
  readonly height: number;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** How much an image is shrunk so that all of it shows. Never enlarged: pixels made up would mislead. */
export function fittedScale(view: Size, image: Size): number {
  if (image.width === 0 || image.height === 0) return 1;
  return Math.min(1, view.width / image.width, view.height / image.height);
}

/** Where to scroll so that a place of the image is in the middle of the view. */
export function scrollToShow(place: Place, view: Size, image: Size): { left: number; top: number } {
  const within = (part: number, shown: number, whole: number): number =>
    Math.max(0, Math.min(whole - shown, part * whole - shown / 2));
  return { left: within(place.x, view.width, image.width), top: within(place.y, view.height, image.height) };
}

/** The place of the image in the middle of the view; the middle of what fits. */
export function shownCentre(
  view: {
    readonly scrollLeft: number;
    readonly scrollTop: number;
    readonly clientWidth: number;
    readonly clientHeight: number;
  },
  image: Size,
): Place {
  const part = (scrolled: number, shown: number, whole: number): number =>
    whole <= shown ? 0.5 : (scrolled + shown / 2) / whole;
  return {
    x: part(view.scrollLeft, view.clientWidth, image.width),
    y: part(view.scrollTop, view.clientHeight, image.height),
  };
}
