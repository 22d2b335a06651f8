import type { Browser } from 'playwright-core';

import type { DrawnPicture } from './drawnPictures.ts';
import { FakeImagesHost } from './fakeImagesHost.ts';
import { openPanelPage, type PanelPage } from './panelPage.ts';

export interface GalleryMeasurement {
  /** Milliseconds from the page's start until the first thumbnail, made already, was there. */
  readonly firstPictureMs: number;
  /** Milliseconds of each task over 50 ms: until the first images stood, and while scrolling. */
  readonly loading: readonly number[];
  readonly scrolling: readonly number[];
  readonly frames: number;
  /** Frames that took over 50 ms. */
  readonly slowFrames: number;
  /** Images that went by, and thumbnails that were asked for meanwhile. */
  readonly passed: number;
  readonly asked: number;
  /** Tiles in the page at the end. */
  readonly tiles: number;
}

/** Opens an Image gallery of `count` images and scrolls through it: two seconds of wheel, then great leaps. */
export async function measureGallery(
  browser: Browser,
  options: { readonly count: number; readonly pictures: readonly DrawnPicture[] },
): Promise<GalleryMeasurement & { readonly panel: PanelPage; readonly host: FakeImagesHost }> {
  const host = new FakeImagesHost(options);
  const { serve, file } = host;
  const panel = await openPanelPage(browser, { panel: 'images', title: 'Image gallery', serve, file });
  const { page, longTasks } = panel;
  await page.locator('.tile[data-index="0"] img.loaded').waitFor();
  const firstPictureMs = await page.evaluate(firstPictureTime);
  await page.waitForFunction(() => document.activeElement?.getAttribute('data-index') === '0');
  const loading = await longTasks();
  host.thumbnailRequests.length = 0;
  const seen = await page.evaluate(scrollThrough);
  const scrolling = await longTasks();
  const asked = new Set(host.thumbnailRequests.flat()).size;
  return {
    firstPictureMs,
    loading,
    scrolling,
    ...seen,
    asked,
    tiles: await page.locator('.tile').count(),
    panel,
    host,
  };
}

/** Runs in the page: when the first picture was there, since the page began to load. */
function firstPictureTime(): number {
  const pictures = performance.getEntriesByType('resource').filter(({ name }) => name.includes('/picture/'));
  return Math.round(Math.min(...pictures.map((each) => each.startTime + each.duration)));
}

/** Runs in the page: two seconds of wheel, then great leaps, a step a frame. */
async function scrollThrough(): Promise<{ frames: number; slowFrames: number; passed: number }> {
  const scroller = document.querySelector('.vgrid');
  if (scroller === null) throw new Error('There is no grid.');
  let slowFrames = 0;
  let frames = 0;
  let before = performance.now();
  for (const [count, step] of [
    [120, 160],
    [90, 30_000],
  ] as const) {
    for (let frame = 0; frame < count; frame++) {
      scroller.scrollTop += step;
      await new Promise((resolve) => requestAnimationFrame(resolve));
      const now = performance.now();
      if (now - before > 50) slowFrames++;
      before = now;
      frames++;
    }
  }
  const indexes = [...document.querySelectorAll('.tile')].map((tile) => Number(tile.getAttribute('data-index')));
  return { frames, slowFrames, passed: Math.max(...indexes) };
}
