import assert from 'node:assert/strict';

import { LakesideError } from '../../src/base/errors.ts';
import { contrastOf } from '../support/contrastOf.ts';
import { busyStudio, FakeOverviewHost, untouchedStudio } from '../support/fakeOverviewHost.ts';
import { madeUpPicture } from '../support/madeUpRuns.ts';
import { openPanelPage, type PanelPage, type PanelPageOptions, panelSuite } from '../support/panelPage.ts';
import type { ThemeName } from '../support/vscodeThemes.ts';

interface Opened extends PanelPage {
  /** Waits until the page says this somewhere. */
  readonly says: (text: string | RegExp) => Promise<void>;
}

describe('the Overview', () => {
  const suite = panelSuite();

  async function open(
    host: FakeOverviewHost,
    pageOptions: Partial<Pick<PanelPageOptions, 'theme' | 'viewport'>> = {},
  ): Promise<Opened> {
    const panel = await openPanelPage(suite.browser, {
      panel: 'overview',
      title: 'Overview',
      serve: host.serve,
      file: (path) => (path.startsWith('/made/') ? madeUpPicture(path) : undefined),
      viewport: { width: 1200, height: 900 },
      ...pageOptions,
    });
    return suite.own({ ...panel, says: (text) => panel.page.getByText(text).first().waitFor() });
  }

  it('shows what runs, follows it, and cancels it', async () => {
    const host = new FakeOverviewHost();
    const { page, says } = await open(host);
    await says('2 brands, 5 projects, 12 work items, 84 runs, 1,204 images');
    await says('Sampling, step 9 of 28');
    host.progress('job-a', {
      text: 'Sampling, step 20 of 28',
      doneItems: 3,
      totalItems: 4,
      doneBytes: 0,
      totalBytes: null,
    });
    await says('Sampling, step 20 of 28');
    await says('3 of 4');
    await says('Lake is not mounted. Connect the drive.');
    await page.getByRole('button', { name: 'Cancel Generate 4 images of Poster' }).click();
    await page.getByText('Generate 4 images of Poster').waitFor({ state: 'detached' });
    assert.deepEqual(host.asked, ['jobs.cancel {"id":"job-a"}']);
  });

  it('says why a run failed, and tries it again', async () => {
    const host = new FakeOverviewHost();
    const { page, says } = await open(host);
    await says(/ComfyUI does not answer at http/);
    await page.getByRole('button', { name: 'Retry Poster' }).click();
    await page.getByRole('heading', { name: /^Failed/ }).waitFor({ state: 'detached' });
    assert.deepEqual(host.asked, ['jobs.retry {"id":"job-f"}']);
  });

  it('leads from what waits for a pick, the latest images and the roots to where they are', async () => {
    const host = new FakeOverviewHost();
    const { page } = await open(host);
    await page.getByRole('button', { name: 'Pick from 4 images of Poster' }).click();
    await page.locator('.tiles .tile img').first().click();
    await page.getByText('All images').click();
    await page.getByRole('button', { name: 'Lake', exact: true }).click();
    await page.getByText('New work item').click();
    assert.deepEqual(host.asked, [
      'overview.openGallery {"run":"b"}',
      'overview.openGallery {"run":"a","image":"a-image-1"}',
      'overview.openGallery {}',
      'overview.showRoot {"root":"lake"}',
      'overview.newItem {}',
    ]);
  });

  it('leads to the first image in two steps', async () => {
    const host = new FakeOverviewHost(untouchedStudio);
    const { page, says } = await open(host);
    await says('Your first image, in two steps');
    await page.getByText('New work item').click();
    host.items = new FakeOverviewHost(busyStudio()).items;
    host.show({ counts: { brands: 1, projects: 1, items: 1, runs: 0, images: 0 } });
    await says('Summer menu › Poster is ready.');
    await page.getByText('Open Poster').click();
    assert.deepEqual(host.asked, ['overview.newItem {}', 'overview.openItem {"item":"item-1"}']);
    host.show(busyStudio());
    await says('Waiting for a pick');
  });

  it('says when nothing runs and nothing waits', async () => {
    const { page, says } = await open(new FakeOverviewHost({ ...busyStudio(), jobs: [], failures: [], toPick: [] }));
    await says('Nothing is running.');
    await says('Every image is picked or rejected.');
    assert.equal(await page.getByRole('heading', { name: /^Failed/ }).count(), 0);
  });

  it('says that it could not look, and keeps what it showed when that happens later', async () => {
    const host = new FakeOverviewHost();
    const busy = new LakesideError('DATABASE_BUSY', 'infra', 'Another program holds the database.');
    host.refusals.set('overview.get', busy);
    const { page, says } = await open(host);
    await says('Another program holds the database.');
    host.refusals.clear();
    await page.getByText('Try again').click();
    await says('Waiting for a pick');
    host.refusals.set('overview.get', busy);
    host.show({});
    await says('What is shown may be out of date: Another program holds the database.');
    await says('Waiting for a pick');
  });

  for (const theme of ['dark', 'light', 'high-contrast'] satisfies ThemeName[]) {
    it(`is readable in the ${theme} theme, and no wider than a narrow editor`, async () => {
      const { page, says } = await open(new FakeOverviewHost(), { theme, viewport: { width: 500, height: 900 } });
      await says('Waiting for a pick');
      const contrasts = await contrastOf(page, [
        'h1',
        '.overview-header .dim',
        '.row-name',
        '.row-text',
        '.row-reason',
      ]);
      for (const { selector, ratio } of contrasts) {
        assert.ok(ratio >= 4.5, `${selector} has a contrast of ${ratio.toFixed(1)} only`);
      }
      assert.equal(await page.evaluate(() => document.querySelector('.overview')?.scrollWidth), 500);
    });
  }
});
