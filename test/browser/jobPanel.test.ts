import assert from 'node:assert/strict';

import { LakesideError } from '../../src/base/errors.ts';
import { contrastOf } from '../support/contrastOf.ts';
import { FakeJobHost, type FakeJobHostOptions, JOB_START, madeUpApply, madeUpLog } from '../support/fakeJobHost.ts';
import { openPanelPage, type PanelPage, type PanelPageOptions, panelSuite } from '../support/panelPage.ts';
import type { ThemeName } from '../support/vscodeThemes.ts';

interface Opened extends PanelPage {
  readonly host: FakeJobHost;
  readonly says: (text: string | RegExp) => Promise<void>;
}

describe('the Job panel', () => {
  const suite = panelSuite();

  async function open(options: FakeJobHostOptions = {}, page: Partial<PanelPageOptions> = {}): Promise<Opened> {
    const host = new FakeJobHost(options);
    const panel = await openPanelPage(suite.browser, { panel: 'job', title: 'Job', serve: host.serve, ...page });
    return suite.own({ ...panel, host, says: (text) => panel.page.getByText(text).first().waitFor() });
  }

  it('says how far a job is, how fast it was and what was noted', async () => {
    const { page, host, says } = await open();
    await says('Mirror Lake → Local');
    await says('212 GB of 506 GB');
    await page.locator('svg .speed-line').waitFor();
    await says(/on average, .* at most/);
    await says('40 done');
    await says(/Attempt 2 begins in this window/);
    host.tell({ doneItems: 84, totalItems: 168, doneBytes: 253 * 2 ** 30, totalBytes: 506 * 2 ** 30 });
    await says('50 %');
    host.note('info', 'vae/sdxl.safetensors: 320 MB copied and verified.');
    await says('vae/sdxl.safetensors: 320 MB copied and verified.');
    await page.getByRole('button', { name: 'Copy the log' }).click();
    await page.waitForFunction(() => true);
    assert.match(host.asked.at(-1) ?? '', /panel.copyText .*T09:05:00.000Z info/);
  });

  it('pauses, resumes and cancels it, and then offers to try again or to undo', async () => {
    const { page, host, says } = await open();
    await page.locator('#pause').click();
    await says(/Paused/);
    await page.locator('#resume').click();
    await page.locator('#pause').waitFor();
    await page.locator('#cancel').click();
    await says(/What was finished stays/);
    await page.locator('#undo').click();
    await page.locator('#open-plan').click();
    await page.locator('#retry').click();
    await says('Waiting for its turn.');
    await page.getByText('First', { exact: true }).click();
    await page.waitForFunction(() => true);
    assert.deepEqual(host.asked, [
      'jobs.pause {"what":"job","id":"job-1"}',
      'jobs.resume {"what":"job","id":"job-1"}',
      'jobs.cancel {"id":"job-1"}',
      'job.undo {}',
      'job.openPlan {}',
      'jobs.retry {"id":"job-1"}',
      'jobs.move {"id":"job-1","to":"first"}',
    ]);
  });

  it('says why it failed, and lets nothing be written from a workspace that is not trusted', async () => {
    const error = {
      code: 'STEPS_FAILED',
      category: 'infra',
      message: '2 of 168 steps failed. Open the plan.',
    } as const;
    const job = madeUpApply({ status: 'failed', error, finishedAt: JOB_START + 3_600_000 });
    const { page, says } = await open({ job, trusted: false, steps: { done: 166, failed: 2, total: 168 } });
    await says('2 of 168 steps failed. Open the plan.');
    await says('2 failed');
    await says('1 h');
    await page.locator('#retry[disabled]').waitFor();
    await page.locator('#undo[disabled]').waitFor();
  });

  it('shows the parts of a group, each a way to its own panel', async () => {
    const job = madeUpApply({
      id: 'group',
      kind: 'group',
      title: 'Copy 3 folders',
      parts: { total: 3, over: 1, failed: 1 },
    });
    const parts = (['succeeded', 'running', 'failed'] as const).map((status, index) =>
      madeUpApply({ id: `part-${index}`, parent: 'group', status, title: `Copy folder ${index}` }),
    );
    const { page, host, says } = await open({ job, parts });
    await says('1 of 3 over, 1 failed');
    await page.getByRole('button', { name: 'Copy folder 1' }).click();
    await page.waitForFunction(() => true);
    assert.deepEqual(host.asked, ['panel.showJob {"job":"part-1"}']);
  });

  it('holds thousands of lines, and stays at the newest', async () => {
    const { page, host, says } = await open({ lines: madeUpLog(4_000) });
    await page.locator('.log-lines li').nth(900).waitFor();
    const atEnd = (): Promise<boolean> =>
      page.locator('.log-lines').evaluate((list) => list.scrollHeight - list.clientHeight - list.scrollTop < 40);
    assert.ok(await atEnd());
    host.note('info', 'The newest line.');
    await says('The newest line.');
    assert.ok(await atEnd());
    assert.ok((await page.locator('.log-lines li').count()) <= 1_001);
  });

  it('says when there is no such job', async () => {
    const refuse = new LakesideError('JOB_NOT_FOUND', 'validation', 'There is no job 7. It may have been cleared.');
    const { says } = await open({ refuse });
    await says('There is no job 7. It may have been cleared.');
  });

  for (const theme of ['dark', 'light', 'high-contrast'] satisfies ThemeName[]) {
    it(`is readable in the ${theme} theme`, async () => {
      const { page, says } = await open({}, { theme });
      await says('212 GB of 506 GB');
      const contrasts = await contrastOf(page, [
        'h1',
        '.job-title .dim',
        '.facts dt',
        '.log-lines time',
        '.speed .dim',
      ]);
      for (const { selector, ratio } of contrasts) {
        assert.ok(ratio >= 4.5, `${selector} has a contrast of ${ratio.toFixed(1)} only`);
      }
    });
  }
});
