import { findChromium } from '../../scripts/setUp.mjs';
import { drawPictures } from '../support/drawnPictures.ts';
import { measureGallery } from '../support/galleryMeasurement.ts';
import { launchChromium } from '../support/panelPage.ts';
import type { MeasuredRow } from './report.ts';
import { median } from './timedProcess.ts';

const IMAGES = 100_000;
const FIRST_PICTURE_MS = 500;
const LONG_TASK_MS = 50;

/** Opens the Image gallery of the production build in Chromium, over 100,000 images whose thumbnails are there already. */
export async function measureGalleryRows(runs: number): Promise<MeasuredRow[]> {
  if (findChromium() === undefined) {
    return [{ what: 'not measured: Chromium is missing', value: '', limit: '', kept: false }];
  }
  const [browser, pictures] = await Promise.all([launchChromium(), drawPictures(12)]);
  try {
    const first: number[] = [];
    const longest: number[] = [];
    const slow: number[] = [];
    for (let run = 0; run <= runs; run++) {
      const { panel, firstPictureMs, scrolling, slowFrames, frames } = await measureGallery(browser, {
        count: IMAGES,
        pictures,
      });
      await panel.close();
      // The first is for warming up, as everywhere.
      if (run === 0) continue;
      first.push(firstPictureMs);
      longest.push(Math.max(0, ...scrolling));
      slow.push(slowFrames / frames);
    }
    return [
      {
        what: 'first thumbnails of 100,000 images, from the page on',
        value: `${median(first)} ms`,
        limit: `${FIRST_PICTURE_MS} ms`,
        kept: median(first) <= FIRST_PICTURE_MS,
      },
      {
        what: 'longest task while scrolling through them (0: none over 50 ms)',
        value: `${median(longest)} ms`,
        limit: `${LONG_TASK_MS} ms`,
        kept: median(longest) <= LONG_TASK_MS,
      },
      { what: 'frames over 50 ms meanwhile', value: `${(100 * median(slow)).toFixed(1)} %`, limit: '', kept: true },
    ];
  } finally {
    await browser.close();
  }
}
