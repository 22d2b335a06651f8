import assert from 'node:assert/strict';
import type { Browser, Locator } from 'playwright-core';

import { LakesideError } from '../../src/base/errors.ts';
import { type DrawnPicture, drawPictures } from '../support/drawnPictures.ts';
import { measureGallery } from '../support/galleryMeasurement.ts';
import { FakeImagesHost, type FakeImagesHostOptions } from '../support/fakeImagesHost.ts';
import { launchChromium, openPanelPage, type PanelPage, type PanelPageOptions } from '../support/panelPage.ts';
import type { ThemeName } from '../support/vscodeThemes.ts';

interface Opened extends PanelPage {
  readonly host: FakeImagesHost;
  /** The image at this place, from 0. */
  readonly tile: (index: number) => Locator;
  /** Waits until the keyboard is on the image at this place. */
  readonly isOn: (index: number) => Promise<void>;
  readonly press: (...keys: string[]) => Promise<void>;
  /** Waits until the page says this somewhere. */
  readonly says: (text: string | RegExp) => Promise<void>;
  /** Waits until the filter's line says exactly this. */
  readonly counts: (text: string) => Promise<void>;
}

describe('the Image gallery', () => {
  let browser: Browser;
  let pictures: DrawnPicture[];
  let opened: Opened | undefined;

  before(async () => {
    [browser, pictures] = await Promise.all([launchChromium(), drawPictures(12)]);
  });

  after(async () => {
    await browser.close();
  });

  afterEach(async () => {
    const complaints = opened?.complaints ?? [];
    await opened?.close();
    opened = undefined;
    assert.deepEqual(complaints, [], 'the console and the content security policy have nothing to say');
  });

  async function open(
    options: Partial<FakeImagesHostOptions> & { prepare?: (host: FakeImagesHost) => void } = {},
    pageOptions: Partial<Pick<PanelPageOptions, 'theme' | 'viewport'>> = {},
  ): Promise<Opened> {
    const host = new FakeImagesHost({ count: 200, pictures, ...options });
    options.prepare?.(host);
    const { serve, file } = host;
    const panel = await openPanelPage(browser, {
      panel: 'images',
      title: 'Image gallery',
      serve,
      file,
      ...pageOptions,
    });
    opened = pageOf(panel, host);
    return opened;
  }

  /** Waits until the single view shows this image, whole. */
  const showsLarge = (image: string): Promise<void> =>
    opened?.page.locator(`.single-full.loaded[src*="/${image}/"]`).waitFor() ?? Promise.resolve();

  it('shows what it is of, the images with their judgements, and how the one it is on was made', async () => {
    const { page, tile, isOn, says, counts } = await open({
      prepare: (host) => host.judge(['image-199'], { pick: 'picked', rating: 4 }),
    });
    await isOn(0);
    await tile(0).locator('img.loaded').waitFor();
    assert.equal(await page.locator('h1').textContent(), 'Summer menu › Poster');
    await counts('200 images');
    assert.equal(await tile(1).getAttribute('aria-label'), 'Image 2 of 200, picked, 4 stars, main-1-3.png');
    await says('A harbour at dawn');
    await says('4000000200');
    await says('dreamshaper_8.safetensors');
    await says('Text to image (SD 1.5)');
    await says('42 s, 11 s an image');
    await says('/images/summer-menu/poster/run-50/main-1-4.png');
  });

  it('is moved through by the keyboard alone', async () => {
    const { page, press, isOn } = await open();
    await isOn(0);
    const columns = Number(await page.locator('[role=grid]').getAttribute('aria-colcount'));
    await press('ArrowRight', 'ArrowDown');
    await isOn(1 + columns);
    await press('ArrowUp', 'ArrowLeft');
    await isOn(0);
    await press('End');
    await isOn(199);
    await press('Home', 'PageDown');
    await page.waitForFunction(() => Number(document.activeElement?.getAttribute('data-index')) > 0);
    await press('PageUp');
    await isOn(0);
  });

  it('opens an image large, zooms to its pixels, goes on, and comes back', async () => {
    const { page, press, isOn } = await open();
    await isOn(0);
    await press('Enter');
    await showsLarge('image-200');
    const shownAt = page.locator('.single-tools .chip');
    const fitted = await shownAt.textContent();
    await press('z');
    await page.locator('.single-zoomed').waitFor();
    assert.equal(await shownAt.textContent(), '100 %');
    const size = await page.locator('.single-frame').boundingBox();
    assert.equal(Math.round(size?.width ?? 0), pictures[200 % 12]?.width);
    await press('Shift+ArrowDown');
    await page.waitForFunction(() => (document.querySelector('.single-stage')?.scrollTop ?? 0) > 0);
    await press('z');
    assert.equal(await shownAt.textContent(), fitted);
    await press('ArrowRight', 'ArrowRight');
    await showsLarge('image-198');
    await press('Escape');
    await isOn(2);
  });

  it('judges in the single view and goes on to the next image', async () => {
    const { page, host, press, isOn, says } = await open();
    await isOn(0);
    await press('Enter', 'p');
    await showsLarge('image-199');
    await says('Picked 1 image');
    await press('x');
    await showsLarge('image-198');
    await press('3', 'u');
    await page.locator('.single-bar .stars[aria-label="Rating: 3 stars"]').waitFor();
    await showsLarge('image-198');
    await press('Escape');
    await isOn(2);
    await page.locator('.tile-picked[data-index="0"]').waitFor();
    await page.locator('.tile-rejected[data-index="1"]').waitFor();
    assert.deepEqual(
      ['image-200', 'image-199', 'image-198'].map((image) => host.judged(image)),
      [
        { pick: 'picked', rating: 0 },
        { pick: 'rejected', rating: 0 },
        { pick: 'none', rating: 3 },
      ],
    );
  });

  it('takes judgements back, the last one first, and goes to where they were', async () => {
    const { page, host, press, isOn, says } = await open();
    await isOn(0);
    await press('5', 'Enter', 'p', 'x');
    await showsLarge('image-198');
    await press('Control+z');
    await says('Undone: rejected 1 image');
    await showsLarge('image-199');
    await press('Control+z');
    await says('Undone: picked 1 image');
    await showsLarge('image-200');
    assert.deepEqual(host.judged('image-200'), { pick: 'none', rating: 5 });
    await page.keyboard.press('Control+z');
    await says('Undone: rated 1 image 5 stars');
    await press('Control+z');
    await says('Nothing to undo');
    assert.deepEqual(host.judged('image-200'), { pick: 'none', rating: 0 });
  });

  it('goes on from image to image when what is judged leaves the filter', async () => {
    const { page, host, tile, press, isOn, counts } = await open();
    await isOn(0);
    await page.getByRole('button', { name: 'Undecided 200' }).click();
    await tile(0).click();
    await press('Enter');
    await showsLarge('image-200');
    for (const next of ['image-199', 'image-198', 'image-197']) {
      await press('p');
      await showsLarge(next);
    }
    await page.locator('.single-place', { hasText: '1 of 197' }).waitFor();
    await press('Control+z');
    await showsLarge('image-198');
    await press('Escape');
    await counts('198 of 200 images');
    assert.equal(host.judged('image-198').pick, 'none');
  });

  it('judges many at once: a range, single ones, and all', async () => {
    const { page, host, tile, press, isOn, says } = await open();
    await isOn(0);
    await press('Shift+ArrowRight', 'Shift+ArrowRight');
    await says('3 images selected');
    assert.equal(await page.locator('.tile[aria-selected=true]').count(), 3);
    await press('p');
    await says('Picked 3 images');
    await press('Escape');
    await page.locator('.marked-bar').waitFor({ state: 'detached' });
    await tile(0).click();
    await tile(4).click({ modifiers: ['Control'] });
    await press('ArrowRight', 'Space');
    await says('3 images selected');
    await press('4');
    await says('Rated 3 images 4 stars');
    assert.deepEqual(
      [200, 199, 196, 195].map((number) => host.judged(`image-${number}`).rating),
      [4, 0, 4, 4],
    );
    await tile(2).click();
    await tile(5).click({ modifiers: ['Shift'] });
    await says('4 images selected');
    await press('Control+a');
    await says('200 images selected');
    await press('x');
    await says('Rejected 200 images');
    await press('Control+z');
    await says('Undone: rejected 200 images');
    assert.equal(host.judged('image-200').pick, 'picked');
    assert.equal(host.judged('image-1').pick, 'none');
  });

  it('judges with the mouse: stars and marks of a tile, and of the details', async () => {
    const { page, host, tile, isOn, says } = await open();
    await isOn(0);
    await tile(1).hover();
    await tile(1).locator('[data-rate="4"]').click();
    await says('Rated 1 image 4 stars');
    await tile(1).locator('[data-pick="rejected"]').click();
    await page.locator('.tile-rejected[data-index="1"]').waitFor();
    await page.locator('.details').getByRole('button', { name: 'Pick', exact: true }).click();
    await page.locator('.tile-picked[data-index="0"]').waitFor();
    assert.deepEqual(host.judged('image-199'), { pick: 'rejected', rating: 4 });
    await page.locator('.toast').getByText('Undo').click();
    await page.locator('.tile-picked').waitFor({ state: 'detached' });
  });

  it('filters by marks and stars, says how many are left, and clears the filter', async () => {
    const { page, isOn, says, counts } = await open({
      prepare: (host) => {
        host.judge(['image-10', 'image-20'], { pick: 'picked', rating: 5 });
        host.judge(['image-30'], { pick: 'rejected', rating: 3 });
      },
    });
    await isOn(0);
    await page.getByRole('button', { name: 'Picked 2' }).click();
    await counts('2 of 200 images');
    await page.getByRole('button', { name: 'Rejected 1' }).click();
    await counts('3 of 200 images');
    await page.locator('.filter-bar .star').nth(3).click();
    await counts('2 of 200 images');
    await page.getByRole('button', { name: 'Picked 2' }).click();
    await says('No image matches the filter.');
    await page.getByText('Clear filter').click();
    await counts('200 images');
  });

  it('reveals, opens, copies and asks again through its host, from its menu and details', async () => {
    const { page, host, tile, press, isOn } = await open();
    await isOn(0);
    await tile(3).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Copy prompt' }).click();
    await isOn(3);
    await press('Shift+F10');
    await page.getByRole('menuitem', { name: 'Again with these settings' }).click();
    await press('ContextMenu', 'End', 'Enter');
    await page.locator('[role=menu]').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Open in an editor' }).click();
    await page.getByRole('button', { name: 'Copy the seed' }).click();
    await page.waitForFunction(() => document.querySelector('.toast')?.textContent === 'Copied the seed');
    assert.match(host.asked[0] ?? '', /^panel.copyText \{"text":"A harbour at dawn/);
    assert.deepEqual(host.asked.slice(1), [
      'gallery.again {"image":"image-197"}',
      'gallery.reveal {"image":"image-197"}',
      'gallery.open {"image":"image-197"}',
      'panel.copyText {"text":"4000000197"}',
    ]);
  });

  it('stays on its image when a run adds others, and sees what another window judges', async () => {
    const { page, host, press, isOn, counts } = await open();
    await isOn(0);
    await press('ArrowRight', 'ArrowRight');
    await isOn(2);
    host.add(4);
    await counts('204 images');
    await isOn(6);
    host.judge(['image-198'], { rating: 5 });
    await page.locator('.tile[data-index="6"] .tile-rated').waitFor();
    await press('Enter');
    await showsLarge('image-198');
    host.add(3);
    await page.locator('.single-place', { hasText: '10 of 207' }).waitFor();
    await showsLarge('image-198');
  });

  it('comes back from hiding at its place, with its filter', async () => {
    const gallery = await open({ count: 2_000 });
    const { page, isOn, press, counts } = gallery;
    await isOn(0);
    await page.getByRole('button', { name: 'Undecided 2,000' }).click();
    await page.locator('.tile-active').click();
    await press('End');
    await isOn(1_999);
    await page.waitForFunction(() => (sessionStorage.getItem('state') ?? '').includes('"index":1999'));
    await page.waitForFunction(() => !(sessionStorage.getItem('state') ?? '').includes('"scrollTop":0'));
    await gallery.hideAndShow();
    await isOn(1_999);
    await page.locator('.chip[aria-pressed=true]', { hasText: 'Undecided' }).waitFor();
    await counts('2,000 images');
    await press('Enter');
    await showsLarge('image-1');
    await gallery.hideAndShow();
    await showsLarge('image-1');
  });

  it('goes to another scope, and opens at the image it is asked for', async () => {
    const { page, host, isOn, press } = await open();
    await isOn(0);
    await press('Space');
    host.show({ run: 'run-20', image: 'image-180' });
    await showsLarge('image-180');
    await press('Escape');
    await isOn(20);
    assert.equal(await page.locator('.marked-bar').count(), 0);
    await press('Home');
    await isOn(0);
    host.show({ run: 'run-20', image: 'image-180' });
    await showsLarge('image-180');
  });

  it('says when there are no images yet, and shows the first that come', async () => {
    const { host, page, says, tile } = await open({ count: 0 });
    await says('No images yet.');
    assert.equal(await page.locator('.details').count(), 0);
    host.add(1);
    await tile(0).locator('img.loaded').waitFor();
  });

  it('says what went wrong, and tries again when asked', async () => {
    const busy = new LakesideError('DATABASE_BUSY', 'infra', 'The database is busy.');
    const { host, page, says, tile, isOn, press } = await open({
      prepare: (made) => {
        made.failing.set('images.page', busy);
        made.broken.set('image-199', new LakesideError('IMAGE_TRUNCATED', 'validation', 'The image ends too soon.'));
      },
    });
    await says('The database is busy.');
    host.failing.clear();
    await page.getByText('Try again').click();
    await tile(0).locator('img.loaded').waitFor();
    assert.match((await tile(1).textContent()) ?? '', /The image ends too soon\./);
    host.failing.set('images.judge', busy);
    await tile(0).click();
    await isOn(0);
    await press('p');
    await says('The database is busy.');
    await page.locator('.tile-picked').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Dismiss' }).click();
    host.failing.set('gallery.image', new LakesideError('FILE_MISSING', 'infra', 'The file is not there any more.'));
    await press('Enter');
    await says('The file is not there any more.');
    host.failing.clear();
    await page.locator('.single').getByText('Try again').click();
    await showsLarge('image-200');
  });

  for (const theme of ['dark', 'light', 'high-contrast'] satisfies ThemeName[]) {
    it(`is usable in the ${theme} theme, also where it is narrow`, async () => {
      const { page, tile, press, isOn } = await open({}, { theme, viewport: { width: 380, height: 640 } });
      await isOn(0);
      await tile(1).locator('img.loaded').waitFor();
      await press('i');
      await page.locator('.details .fact').first().waitFor();
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
      assert.equal(wide, false, 'nothing hangs over the edge');
      await press('Enter');
      await showsLarge('image-200');
    });
  }

  it('shows 100,000 images, the first at once, and scrolls through them without a stutter', async () => {
    const measured = await measureGallery(browser, { count: 100_000, pictures });
    const { panel, firstPictureMs, loading, scrolling, frames, slowFrames, passed, asked, tiles } = measured;
    opened = pageOf(panel, measured.host);
    await opened.press('End');
    await opened.isOn(99_999);
    await opened.tile(99_999).locator('img.loaded').waitFor();
    console.log(
      `      first picture after ${firstPictureMs} ms; tasks over 50 ms: loading [${loading.join(', ')}] ms, `,
    );
    console.log(`      scrolling [${scrolling.join(', ')}] ms; frames over 50 ms: ${slowFrames} of ${frames}`);
    console.log(`      ${asked} thumbnails asked for while ${passed} images went by`);
    assert.ok(asked < passed / 10, 'what is flung past is not asked for');
    assert.ok(tiles < 120, 'only the images around the window are in the page');
  });
});

function pageOf(panel: PanelPage, host: FakeImagesHost): Opened {
  const { page } = panel;
  return {
    ...panel,
    host,
    tile: (index) => page.locator(`.tile[data-index="${index}"]`),
    isOn: async (index) => {
      await page.waitForFunction(
        (wanted) => document.activeElement?.getAttribute('data-index') === wanted,
        String(index),
      );
    },
    press: async (...keys) => {
      for (const key of keys) await page.keyboard.press(key);
    },
    says: (text) => page.getByText(text).first().waitFor(),
    counts: (text) => page.locator('.shown').getByText(text, { exact: true }).waitFor(),
  };
}
