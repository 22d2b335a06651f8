import assert from 'node:assert/strict';

import { LakesideError } from '../../src/base/errors.ts';
import { contrastOf } from '../support/contrastOf.ts';
import { COMFYUI, DRAFT, FakeItemHost, type FakeItemHostOptions, SCRIPT } from '../support/fakeItemHost.ts';
import { madeUpPicture, madeUpRun } from '../support/madeUpRuns.ts';
import { openPanelPage, type PanelPage, type PanelPageOptions, panelSuite } from '../support/panelPage.ts';
import type { ThemeName } from '../support/vscodeThemes.ts';

interface Opened extends PanelPage {
  readonly host: FakeItemHost;
  /** Waits until the page says this somewhere. */
  readonly says: (text: string | RegExp) => Promise<void>;
  /** Waits until the host was asked for this, and gives how. */
  readonly asked: (name: string) => Promise<string>;
}

const away = {
  ...COMFYUI,
  available: false,
  problem: {
    code: 'PROVIDER_AWAY',
    category: 'provider',
    message: 'ComfyUI does not answer at http://127.0.0.1:8188. Start it.',
  },
} as const;

describe('the Work item editor', () => {
  const suite = panelSuite();

  async function open(
    options: FakeItemHostOptions = {},
    pageOptions: Partial<Pick<PanelPageOptions, 'theme' | 'viewport'>> & {
      prepare?: (host: FakeItemHost) => void;
    } = {},
  ): Promise<Opened> {
    const host = new FakeItemHost(options);
    pageOptions.prepare?.(host);
    const panel = await openPanelPage(suite.browser, {
      panel: 'item',
      title: 'Poster',
      serve: host.serve,
      file: (path) => (path.startsWith('/made/') ? madeUpPicture(path) : undefined),
      ...(pageOptions.theme === undefined ? {} : { theme: pageOptions.theme }),
      viewport: pageOptions.viewport ?? { width: 1200, height: 900 },
    });
    const { page } = panel;
    return suite.own({
      ...panel,
      host,
      says: (text) => page.getByText(text).first().waitFor(),
      asked: async (name) => {
        for (;;) {
          const found = host.asked.findLast((request) => request.startsWith(`${name} `));
          if (found !== undefined) return found;
          await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
        }
      },
    });
  }

  it('makes images by Ctrl+Enter, and shows them while they are made', async () => {
    const { page, host, says, asked } = await open({ runs: [], images: [] });
    await says('No images yet.');
    await page.locator('#prompt').fill('a lighthouse');
    await page.locator('#value-width').fill('512');
    await page.keyboard.press('Control+Enter');
    assert.match(await asked('runs.generate'), /"prompt":"a lighthouse".*"count":4,"values":\{"width":512\}/);
    await says('4 images, waiting for its turn');
    const run = host.runs[0]?.id ?? '';
    host.setRun(run, { status: 'running', startedAt: Date.now() });
    await says(/0 of 4 images/);
    host.preview(run, 1);
    await page.locator('.tile-preview').waitFor();
    host.progress(run, { text: 'Sampling', doneItems: 1, totalItems: 4, doneBytes: 0, totalBytes: null });
    await says('Sampling');
    host.addImage(run, 1);
    await page.locator('.tile img[src*="image-1"]').waitFor();
    assert.equal(await page.locator('.tile-place').count(), 3);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await says('1 of 4 images kept');
  });

  it('saves the draft by itself, and keeps what was typed when it is hidden', async () => {
    const { page, host, says, hideAndShow } = await open();
    await page.locator('#brief').fill('a new brief');
    await says('Saved');
    await page.waitForFunction(() => document.querySelector('.saving')?.textContent.trim() === 'Saved');
    assert.equal(host.item.brief, 'a new brief');
    host.silent.add('items.update');
    await page.locator('#prompt').fill('not saved yet');
    await hideAndShow();
    host.silent.clear();
    await page.waitForFunction(() => document.querySelector<HTMLTextAreaElement>('#prompt')?.value === 'not saved yet');
    await page.waitForFunction(() => document.querySelector('.saving')?.textContent.trim() === 'Saved');
    assert.equal(host.item.draft.prompt, 'not saved yet');
  });

  it('shows what will be sent, and where each piece came from', async () => {
    const { page, says, asked } = await open();
    await page.getByRole('button', { name: /What will be sent/ }).click();
    await says('style: watercolour on rough paper,');
    const pieces = await page.locator('.piece > dt').allTextContents();
    assert.deepEqual(pieces, ['Prompt', 'Project', 'Brand', 'Voice', 'Negative']);
    await page.locator('#prompt').fill('style: oil');
    await page.waitForFunction(() => !document.querySelector('.pieces')?.textContent.includes('watercolour'));
    await page.getByRole('button', { name: 'Copy the prompt as it is sent' }).click();
    assert.match(await asked('panel.copyText'), /style: oil,\\nwarm summer palette/);
  });

  it('has the instructions of each scope edited in place', async () => {
    const { page, host, says, hideAndShow } = await open();
    await page.getByRole('button', { name: /^Instructions/ }).click();
    await page.getByRole('button', { name: 'Add instructions: Work item' }).click();
    await page.keyboard.type('room at the top');
    await says('Counts for this work item only.');
    await hideAndShow();
    await page.waitForFunction(
      () => document.querySelector<HTMLTextAreaElement>('#instruction-item')?.value === 'room at the top',
    );
    await page.locator('#instruction-item').press('Control+Enter');
    await page.locator('#instruction-item').waitFor({ state: 'detached' });
    assert.equal(host.instructions.item, 'room at the top');
    assert.equal(
      host.asked.some((request) => request.startsWith('runs.generate')),
      false,
      'it saved, and no more',
    );
  });

  it('says why a provider cannot work, and keeps what it does not have now', async () => {
    const { page, says, asked, host } = await open({
      providers: [away, DRAFT],
      item: { draft: { provider: 'ComfyUI', prompt: 'a', values: { model: 'gone.safetensors', clip_skip: 2 } } },
    });
    await says(/does not answer at http/);
    await says('Not there now');
    await says('Kept, and not sent: ComfyUI does not have them now.');
    await page.getByRole('button', { name: 'Settings', exact: true }).click();
    assert.match(await asked('item.openSettings'), /lakeside.comfyui.servers/);
    host.providers = [COMFYUI, DRAFT];
    await page.getByRole('button', { name: 'Ask again' }).click();
    await says('Ready');
    await page.locator('#provider').selectOption('Draft');
    await says('Kept, and not sent: Draft does not have them now.');
    await page.locator('#generate').click();
    assert.match(await asked('runs.generate'), /"provider":"Draft".*"values":\{\}/);
    await page.getByRole('button', { name: 'Forget clip_skip' }).click();
    await page.getByText('clip_skip').waitFor({ state: 'detached' });
  });

  it('corrects what the names of a workflow set', async () => {
    const { page, says, asked } = await open();
    await says('Ready');
    await page.getByText('Bindings', { exact: true }).click();
    await says(/your corrections make a copy/);
    await page.getByLabel('Input that Steps sets').selectOption({ label: 'Empty latent (5) › batch_size = 1' });
    await page.getByLabel('Bind another name').selectOption('sampler');
    await page.getByLabel('Input that Sampler sets').selectOption({ label: 'KSampler (3) › sampler_name = euler' });
    await page.getByText('Save bindings').click();
    assert.match(await asked('workflows.bind'), /"name":"steps","node":"5","input":"batch_size","type":"integer"/);
    await page.waitForFunction(() => document.querySelector<HTMLSelectElement>('#workflow')?.value === 'sdxl-own');
  });

  it('shows an error where it happened, with Retry', async () => {
    const refused = new LakesideError('PROVIDER_REFUSED', 'provider', 'ComfyUI has no node called FaceDetailer.');
    const failed = madeUpRun({ id: 'f', status: 'failed', images: 0, error: { ...refused.toShape() } });
    const { page, host, says, asked } = await open({ runs: [failed] });
    await says('ComfyUI has no node called FaceDetailer.');
    await page.getByText('Retry').click();
    assert.match(await asked('jobs.retry'), /job-f/);
    await says('4 images, waiting for its turn');
    host.refusals.set('runs.generate', new LakesideError('NO_SPACE', 'infra', 'The disk is full. Free some space.'));
    await page.locator('#generate').click();
    await page.locator('.generate .notice-error').getByText('The disk is full.').waitFor();
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await page.locator('.generate .notice-error').waitFor({ state: 'detached' });
  });

  it('picks and rejects by the keys of the gallery, and opens an image in it', async () => {
    const { page, host, asked } = await open();
    await page.locator('button.tile').first().focus();
    await page.keyboard.press('p');
    await page.locator('.tile-picked').waitFor();
    await page.waitForFunction(() => document.querySelectorAll('.tile-picked').length === 1);
    assert.match(await asked('images.judge'), /"pick":"picked"/);
    await page.keyboard.press('x');
    await page.locator('.tile-rejected').waitFor();
    await page.keyboard.press('x');
    await page.locator('.tile-rejected').waitFor({ state: 'detached' });
    await page.keyboard.press('Enter');
    assert.match(await asked('item.openGallery'), /"run":"r1","image":"r1-image-1"/);
    assert.equal(
      host.images.every(({ pick }) => pick === 'none'),
      true,
    );
  });

  it('keeps a seed that is locked or typed, and throws the dice otherwise', async () => {
    const { page, host, says } = await open();
    await says('Ready');
    const shown = (): Promise<string> => page.locator('#seed').inputValue();
    const first = await shown();
    await page.getByRole('button', { name: 'Another seed' }).click();
    assert.notEqual(await shown(), first);
    await page.locator('#seed').fill('42');
    await page.locator('.toggle[aria-pressed=true]').waitFor();
    await page.getByRole('button', { name: 'One image fewer' }).click();
    await page.locator('#generate').click();
    await says('3 images, waiting for its turn');
    assert.equal(await shown(), '42');
    assert.match(host.asked.findLast((each) => each.startsWith('runs.generate')) ?? '', /"seed":42,"count":3/);
  });

  it('generates nothing from a field that holds what may not be', async () => {
    const { page, host, says } = await open();
    await says('Ready');
    await page.locator('#value-width').fill('99999');
    await says('At most 4096');
    await page.keyboard.press('Control+Enter');
    await page.locator('#value-width').fill('640');
    await page.keyboard.press('Control+Enter');
    await says('4 images, waiting for its turn');
    const sent = host.asked.filter((each) => each.startsWith('runs.generate'));
    assert.equal(sent.length, 1);
    assert.match(sent[0] ?? '', /"width":640/);
  });

  it('does not run a program in a workspace that is not trusted, until it is', async () => {
    const { page, host, says } = await open({ providers: [SCRIPT], trusted: false });
    await says('It runs a program, so it works only once this workspace is trusted.');
    await page.locator('#generate[disabled]').waitFor();
    await page.keyboard.press('Control+Enter');
    assert.equal(
      host.asked.some((each) => each.startsWith('runs.generate')),
      false,
    );
    host.emit('trust', { trusted: true });
    await page.locator('#generate:not([disabled])').waitFor();
  });

  it('fills itself from an earlier run, and takes it back', async () => {
    const { page, says } = await open();
    await says('Done');
    await page.getByRole('button', { name: 'Fill the editor with these settings' }).click();
    await says('Filled with the settings of an earlier run.');
    assert.equal(await page.locator('#prompt').inputValue(), 'An earlier prompt');
    await page.getByText('Undo').click();
    assert.match(await page.locator('#prompt').inputValue(), /^A table by the sea/);
  });

  it('says that it could not open, and opens when asked again', async () => {
    const gone = new LakesideError('ITEM_UNKNOWN', 'validation', 'There is no such work item.');
    const { page, host, says } = await open({}, { prepare: (made) => made.refusals.set('items.get', gone) });
    await says('There is no such work item.');
    host.refusals.clear();
    await page.getByText('Try again').click();
    await says('Summer menu');
  });

  it('brings a run that was just begun into sight in a narrow editor', async () => {
    const { page, says } = await open({ runs: [], images: [] }, { viewport: { width: 620, height: 560 } });
    await says('No images yet.');
    await page.locator('#prompt').fill('a lighthouse');
    await page.keyboard.press('Control+Enter');
    await page.locator('.run').evaluate(
      (run) =>
        new Promise<void>((resolve) => {
          const root = document.querySelector('.item-scroller');
          new IntersectionObserver(
            (seen) => {
              if (seen.some(({ isIntersecting }) => isIntersecting)) resolve();
            },
            { root },
          ).observe(run);
        }),
    );
  });

  for (const theme of ['dark', 'light', 'high-contrast'] satisfies ThemeName[]) {
    it(`is readable in the ${theme} theme, and no wider than a narrow editor`, async () => {
      const { page, says } = await open({}, { theme, viewport: { width: 500, height: 900 } });
      await says('Done');
      await says('Ready');
      const contrasts = await contrastOf(page, ['h1', '.field-hint', '#prompt', '.run-facts', '.generate label']);
      for (const { selector, ratio } of contrasts) {
        assert.ok(ratio >= 4.5, `${selector} has a contrast of ${ratio.toFixed(1)} only`);
      }
      assert.equal(await page.evaluate(() => document.querySelector('.item-scroller')?.scrollWidth), 500);
    });
  }
});
