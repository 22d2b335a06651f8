import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';

import { contrastOf } from '../support/contrastOf.ts';
import { FakeTrashHost, type FakeTrashHostOptions, madeUpTrash } from '../support/fakeTrashHost.ts';
import { openPanelPage, type PanelPage, type PanelPageOptions, panelSuite } from '../support/panelPage.ts';
import type { ThemeName } from '../support/vscodeThemes.ts';

interface Opened extends PanelPage {
  readonly host: FakeTrashHost;
  readonly row: (index: number) => Locator;
  readonly says: (text: string | RegExp) => Promise<void>;
}

describe('the Trash panel', () => {
  const suite = panelSuite();

  async function open(options: FakeTrashHostOptions = {}, page: Partial<PanelPageOptions> = {}): Promise<Opened> {
    const host = new FakeTrashHost(options);
    const panel = await openPanelPage(suite.browser, { panel: 'trash', title: 'Trash', serve: host.serve, ...page });
    return suite.own({
      ...panel,
      host,
      row: (index) => panel.page.locator(`.row[data-index="${index}"]`),
      says: (text) => panel.page.getByText(text).first().waitFor(),
    });
  }

  it('lists what lies in every trash, how much it is, and which is a last copy', async () => {
    const { page, row, says } = await open();
    await row(2).getByText('last copy').waitFor();
    await page.getByRole('button', { name: /^Local 30 · / }).waitFor();
    await page.getByRole('button', { name: /^Lake 90 · / }).click();
    await says(/^90 files, /);
    await page.locator('#restore[disabled]').waitFor();
  });

  it('restores what was ticked by keyboard, and says which job does it', async () => {
    const { page, host, row, says } = await open();
    await row(0).waitFor();
    await page.waitForFunction(() => document.activeElement?.getAttribute('data-index') === '0');
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Space');
    await says(/^3 of 120 files ticked, /);
    await page.keyboard.press('r');
    await says('Restoring 3 files.');
    await says(/^117 files, /);
    await page.getByText('Show job').click();
    await page.waitForFunction(() => true);
    assert.deepEqual(host.asked, [
      'trash.restore {"root":"local","count":1}',
      'trash.restore {"root":"lake","count":2}',
      'panel.showJob {"job":"job-7"}',
    ]);
  });

  it('removes for good only what the person confirms, and names the last copies among it', async () => {
    const { page, host, row, says } = await open({ confirms: false });
    await row(2).locator('.tick').click();
    await page.locator('#remove').click();
    await page.locator('#remove:not([disabled])').waitFor();
    assert.equal(host.entries.length, 120);
    assert.deepEqual(
      host.removals[0]?.lastCopies.map(({ path }) => path),
      [host.entries[2]?.path],
    );
    await says(/^1 of 120 files ticked/);
  });

  it('ticks all that the filter shows, and only that', async () => {
    const { page, host, row, says } = await open({ entries: madeUpTrash(3_000) });
    await row(0).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('LORAS/flux');
    const matching = host.entries.filter(({ path }) => path.includes('loras/flux')).length;
    await says(new RegExp(`^${matching} files`));
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Control+a');
    await says(new RegExp(`^${matching} of ${matching} files ticked`));
    await page.locator('#remove').click();
    await says(`Removing ${matching} files for good.`);
    assert.ok(host.entries.every(({ path }) => !path.includes('loras/flux')));
  });

  it('says when it is empty, when a root is away and when one may only look', async () => {
    const empty = await open({ entries: [] });
    await empty.says('The trash is empty.');
    await empty.close();
    const { page, row, says } = await open({ trusted: false, lakeMounted: false });
    await says(/This workspace is not trusted/);
    await page.getByRole('button', { name: 'Lake not mounted' }).waitFor();
    await row(0).locator('.tick').click();
    await page.locator('#restore[disabled]').waitFor();
  });

  for (const theme of ['dark', 'light', 'high-contrast'] satisfies ThemeName[]) {
    it(`is readable in the ${theme} theme`, async () => {
      const { page, row } = await open({}, { theme });
      await row(2).waitFor();
      const contrasts = await contrastOf(page, [
        'h1',
        '.trash-header .dim',
        '.path-name',
        '.path-folder',
        '.last-copy',
      ]);
      for (const { selector, ratio } of contrasts) {
        assert.ok(ratio >= 4.5, `${selector} has a contrast of ${ratio.toFixed(1)} only`);
      }
    });
  }

  it('shows 100,000 files and goes to the last', async () => {
    const { page, row } = await open({ entries: madeUpTrash(100_000) });
    await row(0).waitFor();
    await page.keyboard.press('End');
    await row(99_999).locator('.path-name').waitFor();
    assert.ok((await page.locator('.row').count()) < 120, 'only the rows around the window are in the page');
  });
});
