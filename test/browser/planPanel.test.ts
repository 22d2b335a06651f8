import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';

import { LakesideError } from '../../src/base/errors.ts';
import type { PlanRow } from '../../src/protocol/contracts/plans.ts';
import { contrastOf } from '../support/contrastOf.ts';
import { FakePlanEngine, type FakePlanEngineOptions } from '../support/fakePlanEngine.ts';
import { madeUpRemovals, madeUpSteps, madeUpStepsBothWays, madeUpUndo } from '../support/madeUpSteps.ts';
import { panelSuite } from '../support/panelPage.ts';
import { openPlanPage, type PlanPage, type PlanPageOptions } from '../support/planPage.ts';
import type { ThemeName } from '../support/vscodeThemes.ts';

interface Opened extends PlanPage {
  readonly engine: FakePlanEngine;
  /** The row at this place of the list, from 0. */
  readonly row: (index: number) => Locator;
  /** Waits until the page says this somewhere. */
  readonly says: (text: string | RegExp) => Promise<void>;
  /** Waits until the filter's line says exactly this. */
  readonly counts: (text: string) => Promise<void>;
}

/** Some steps fail and some are skipped; each for a reason. */
const troubled = ({ step, path }: PlanRow): Partial<Pick<PlanRow, 'status' | 'code' | 'reason'>> => {
  if (step % 10 === 3) return { status: 'failed', code: 'ENOSPC', reason: `Cannot write ${path}: the disk is full.` };
  if (step % 10 === 4) return { status: 'skipped', code: 'TARGET_CHANGED', reason: 'The file in Local changed.' };
  return {};
};

describe('the Plan panel', () => {
  const suite = panelSuite();

  async function open(
    options: Partial<FakePlanEngineOptions> = {},
    pageOptions: Partial<PlanPageOptions> = {},
  ): Promise<Opened> {
    const engine = new FakePlanEngine({ steps: madeUpSteps(60), ...options });
    const plan = await openPlanPage(suite.browser, { engine, ...pageOptions });
    return suite.own({
      ...plan,
      engine,
      row: (index) => plan.page.locator(`.row[data-index="${index}"]`),
      says: (text) => plan.page.getByText(text).first().waitFor(),
      counts: (text) => plan.page.locator('.shown').getByText(text, { exact: true }).waitFor(),
    });
  }

  const untickedSteps = (engine: FakePlanEngine): number[] =>
    engine.rows.filter(({ ticked }) => !ticked).map(({ step }) => step);

  it('says what the plan does, how much, and whether it fits', async () => {
    const { page, says, row } = await open();
    await says('Mirror Lake → Local');
    await says('Local will hold what Lake holds, and nothing else.');
    await says('Sealed');
    await says(/free in Local/);
    await row(0).waitFor();
    assert.equal(await page.locator('#apply').textContent(), 'Apply 60 steps');
    assert.deepEqual(await page.locator('.total-count').allTextContents(), ['54', '3', '3']);
  });

  it('is driven by the keyboard alone', async () => {
    const { page, engine, row, edits } = await open();
    await row(0).waitFor();
    await page.waitForFunction(() => document.activeElement?.getAttribute('data-index') === '0');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await row(1).locator('.tick[aria-checked=false]').waitFor();
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    assert.equal(await page.locator('.row[aria-selected=true]').count(), 3);
    await page.keyboard.press('Space');
    await row(3).locator('.tick[aria-checked=false]').waitFor();
    await page.locator('.grid-head .tick[aria-checked=mixed]').waitFor();
    assert.deepEqual(untickedSteps(engine), [1, 2, 3]);
    await page.keyboard.press('End');
    await page.waitForFunction(() => document.activeElement?.getAttribute('data-index') === '59');
    await page.keyboard.press('Shift+A');
    await page.locator('.grid-head .tick[aria-checked=false]').waitFor();
    await page.keyboard.press('Control+a');
    await page.locator('.grid-head .tick[aria-checked=true]').waitFor();
    assert.deepEqual(untickedSteps(engine), []);
    assert.deepEqual(
      edits.map(({ label }) => label),
      ['Untick 1 step', 'Untick 2 steps', 'Untick 57 steps', 'Tick 60 steps'],
    );
    await page.keyboard.press('Enter');
    await page.locator('.details').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.details').waitFor({ state: 'detached' });
  });

  it('unticks with the mouse, with Shift a range, and shows the undoing of it', async () => {
    const { page, engine, row, edits, says } = await open();
    await row(2).locator('.tick').click();
    await row(2).locator('.tick[aria-checked=false]').waitFor();
    await says('Changed since it was sealed');
    await row(5)
      .locator('.tick')
      .click({ modifiers: ['Shift'] });
    await row(5).locator('.tick[aria-checked=false]').waitFor();
    assert.deepEqual(untickedSteps(engine), [2, 3, 4, 5]);
    await page.waitForFunction(() => document.querySelector('#apply')?.textContent === 'Apply 56 steps');
    await edits[1]?.undo();
    await row(5).locator('.tick[aria-checked=true]').waitFor();
    assert.deepEqual(untickedSteps(engine), [2]);
    await page.getByText('Save', { exact: true }).click();
    await says('Sealed');
  });

  it('filters by kind and text, and ticks only what it shows', async () => {
    const { page, engine, row, says, counts } = await open();
    await row(0).waitFor();
    await page.getByRole('button', { name: 'Delete 3' }).click();
    await counts('3 of 60 steps');
    await page.locator('.grid-head .tick').click();
    await page.locator('.grid-head .tick[aria-checked=false]').waitFor();
    assert.ok(engine.rows.every(({ op, ticked }) => ticked === (op !== 'delete')));
    await page.getByRole('button', { name: 'Delete 3' }).click();
    await counts('60 steps');
    await page.keyboard.press('/');
    await page.keyboard.type('LORAS/flux');
    const matching = engine.rows.filter(({ path }) => path.includes('loras/flux')).length;
    await counts(`${matching} of 60 steps`);
    const paths = await page.locator('.row .cell-path').allTextContents();
    assert.ok(matching > 0 && paths.every((path) => path.includes('loras/flux')));
    await page.keyboard.press('Escape');
    await counts('60 steps');
    await page.keyboard.type('nothing is called this');
    await says('No step matches the filter.');
    await page.getByText('Clear filter').click();
    await row(0).waitFor();
  });

  it('sorts by its headers, the largest first', async () => {
    const { page, engine, row } = await open();
    await row(0).waitFor();
    await page.getByRole('button', { name: 'Size' }).click();
    await page.locator('[role=columnheader][aria-sort=descending]').waitFor();
    const largest = [...engine.rows].sort((a, b) => b.bytes - a.bytes)[0];
    await row(0)
      .getByText(largest?.path.split('/').at(-1) ?? '')
      .waitFor();
    await page.getByRole('button', { name: 'Size' }).click();
    await page.locator('[role=columnheader][aria-sort=ascending]').waitFor();
  });

  it('applies with live progress, and then says what was not done and why', async () => {
    const { page, engine, row, says, counts } = await open({ outcome: troubled });
    await row(0).waitFor();
    await page.keyboard.press('Control+Enter');
    await page.locator('#cancel').waitFor();
    assert.equal(await page.locator('#apply').count(), 0);
    engine.advance(20);
    await says(/20 of 60 steps/);
    await page.locator('.row .status-done').first().waitFor();
    engine.advance(100);
    await says('Applied, but 6 steps failed.');
    await says(/6 failed, such as: Cannot write .*: the disk is full\./);
    await says(/6 skipped, such as: The file in Local changed\./);
    await page.getByRole('button', { name: 'Failed 6' }).click();
    await counts('6 of 60 steps');
    assert.equal(await page.locator('.row .status-failed').count(), 6);
    await page.locator('#retry').click();
    await page.locator('#cancel').waitFor();
    await page.locator('#cancel').click();
    await says('Canceled. What was finished stays.');
  });

  it('explains before it applies what does not fit', async () => {
    const { page, engine, row, says } = await open({ freeBytes: 1_000_000_000 });
    await row(0).waitFor();
    await says(/short$/);
    await page.locator('#apply').click();
    await says(/Untick some steps or free some space/);
    assert.equal(engine.job, undefined);
    await page.getByText('Apply anyway').click();
    await page.locator('#cancel').waitFor();
  });

  it('shows both ends of a step, and copies its hash through the host', async () => {
    const { page, asked, row, says } = await open();
    await row(0).dblclick();
    await says('Not there');
    await page.getByRole('button', { name: 'Copy the hash in Lake' }).click();
    await page.getByRole('button', { name: 'Reveal the file in Lake' }).click();
    assert.match(asked.join('\n'), /^panel.copyText \{"text":"[0-9a-f]{64}"\}\npanel.revealFile \{"root":"lake"/);
  });

  it('comes back from hiding with its filter, sort and place', async () => {
    const plan = await open({ steps: madeUpSteps(2_000) });
    const { page, row, counts } = plan;
    await row(0).waitFor();
    await page.getByRole('button', { name: 'Copy 1,800' }).click();
    await counts('1,800 of 2,000 steps');
    await page.getByRole('button', { name: 'Size' }).click();
    await page.locator('[aria-sort=descending]').waitFor();
    await row(0).click();
    await page.keyboard.press('End');
    await row(1_799).waitFor();
    // The place is kept when the scroll has come to rest.
    await page.waitForFunction(() => (sessionStorage.getItem('state') ?? '').includes('"active":1799'));
    await page.waitForFunction(() => !(sessionStorage.getItem('state') ?? '').includes('"scrollTop":0'));
    await plan.hideAndShow();
    await row(1_799).waitFor();
    await counts('1,800 of 2,000 steps');
    await page.locator('[aria-sort=descending]').waitFor();
  });

  it('shows a plan both ways with what each side has, and decides its conflicts by key, button and for all', async () => {
    const steps = madeUpStepsBothWays(60);
    const open60 = steps.filter(({ direction }) => direction === 'undecided').length;
    const { page, engine, row, says, counts, edits } = await open({ steps, kind: 'both', options: {} });
    const directionOf = (step: number): PlanRow['direction'] => engine.rows[step]?.direction;
    await says('Both ways: Lake ⇄ Local');
    await row(2).waitFor();
    await row(2).locator('.tick[aria-disabled=true]').waitFor();
    await row(2).click();
    await page.keyboard.press('2');
    await row(2).locator('.side-kept').getByText(/./).waitFor();
    assert.equal(directionOf(2), 'reverse');
    await row(2)
      .getByRole('button', { name: /^Keep what Lake has/ })
      .click();
    await row(2).locator('button[aria-pressed=true][aria-label^="Keep what Lake"]').waitFor();
    assert.equal(directionOf(2), undefined);
    await page.keyboard.press('0');
    await row(2).locator('.kind-conflict').waitFor();
    assert.deepEqual(
      edits.map(({ label }) => label),
      ['Decide 1 conflict', 'Decide 1 conflict', 'Leave 1 conflict open'],
    );
    await edits[2]?.undo();
    await row(2).locator('.kind-replace').waitFor();
    await page.getByRole('button', { name: /^Conflicts/ }).click();
    await counts(`${open60 - 1} of 60 steps`);
    await page.locator('.keep-all').getByText('Local', { exact: true }).click();
    await counts('0 of 60 steps');
    assert.equal(engine.rows.filter(({ direction }) => direction === 'reverse').length, 30 + open60 - 11);
    await edits[3]?.undo();
    await counts(`${open60 - 1} of 60 steps`);
  });

  it('lets a person say which of two names stays', async () => {
    const { engine, row } = await open({ steps: madeUpStepsBothWays(20), kind: 'both', options: {} });
    await row(14)
      .getByRole('button', { name: /^Keep the name in Local: unsorted\// })
      .click();
    await row(14).locator('.kind-move').waitFor();
    assert.equal(engine.rows[14]?.direction, 'reverse');
    assert.match(await row(14).locator('.path').innerText(), /^unsorted/);
  });

  it('says before it applies that conflicts stay as they are', async () => {
    const { page, engine, row, says } = await open({ steps: madeUpStepsBothWays(12), kind: 'both', options: {} });
    await row(0).waitFor();
    await page.locator('#apply').click();
    await says('2 conflicts are not decided. Those files stay as they are on both sides.');
    assert.equal(engine.job, undefined);
    await page.getByText('Apply anyway').click();
    await page.locator('#cancel').waitFor();
    engine.advance(100);
    await says('Applied. 2 conflicts are left for you to decide.');
    assert.equal(await page.locator('#retry').count(), 0);
    const head = await page.locator('.grid-head').boundingBox();
    const status = await page.locator('.grid-head .cell-status').boundingBox();
    assert.equal(status?.y, head?.y, 'every column of a plan both ways stands in one line');
    assert.ok(engine.rows.every(({ status, direction }) => (status === 'done') === (direction !== 'undecided')));
  });

  it('pauses an apply and goes on with it', async () => {
    const { page, engine, row, says } = await open();
    await row(0).waitFor();
    await page.locator('#apply').click();
    await page.locator('#pause').click();
    await says('Paused. What is done stays done.');
    assert.equal(engine.job?.status, 'paused');
    await page.locator('#resume').click();
    await page.locator('#pause').waitFor();
    assert.equal(engine.job.status, 'running');
  });

  it('lets last copies be named, and asks for the undoing of what was done', async () => {
    const lastCopy = ({ step }: PlanRow): Partial<PlanRow> =>
      step === 3 ? { status: 'skipped', code: 'LAST_COPY', reason: 'It is the last copy of its content.' } : {};
    const { page, engine, row, asked, says } = await open({ outcome: lastCopy });
    await row(0).waitFor();
    await page.locator('#apply').click();
    await page.locator('#pause').waitFor();
    engine.advance(100);
    await says('Applied, but 1 step had to be skipped.');
    await page.locator('#undo').click();
    await page.getByText('Choose what may go…').click();
    // Named files are applied again.
    await page.locator('#cancel').waitFor();
    assert.deepEqual(asked, ['panel.undo {}', 'panel.nameLastCopies {}']);
  });

  it('says what an undo cannot take back, and what freeing space was asked for', async () => {
    const leftOut = [{ path: 'a', code: 'TRASH_PURGED', message: 'a was removed from the trash for good.' }];
    const undo = await open({ steps: madeUpUndo(12), kind: 'undo', options: { undoes: 'job-0' } }, { leftOut });
    await undo.says('Undo: Lake → Local');
    await undo.page.getByText('1 step cannot be undone').click();
    await undo.says('a was removed from the trash for good.');
    await undo.row(0).getByText('Restore').waitFor();
    await undo.row(0).getByText('In the trash').waitFor();
    assert.deepEqual(undo.complaints, []);
    await undo.close();
    const evict = { freeBytes: 250 * 1024 ** 3, unusedForDays: 60, order: 'unused' } as const;
    const { says, row } = await open({ steps: madeUpRemovals(12), kind: 'evict', options: { evict } });
    await says('Free space on Local');
    await says('until 250 GB are free');
    await row(0).getByText('Remove').waitFor();
  });

  it('says when there is nothing to do', async () => {
    const { says, page } = await open({ steps: [] });
    await says('Both roots hold the same. Nothing to do.');
    assert.equal(await page.locator('#apply').count(), 0);
  });

  it('says why a plan could not be opened', async () => {
    const refuse = new LakesideError('PLAN_SEAL_BROKEN', 'validation', 'The plan was changed after it was sealed.');
    const { says } = await open({ refuse });
    await says('The plan was changed after it was sealed.');
    await says('PLAN_SEAL_BROKEN');
  });

  it('only looks in a workspace that is not trusted, or when a root is away', async () => {
    const untrusted = await open({}, { trusted: false });
    await untrusted.says(/This workspace is not trusted/);
    await untrusted.page.locator('#apply[disabled]').waitFor();
    await untrusted.page.keyboard.press('Control+Enter');
    assert.equal(untrusted.engine.job, undefined);
    assert.deepEqual(untrusted.complaints, []);
    await untrusted.close();
    const away = await open({ mounted: false });
    await away.says(/[Ll]ocal is not mounted/);
    await away.page.locator('#apply[disabled]').waitFor();
  });

  for (const theme of ['dark', 'light', 'high-contrast'] satisfies ThemeName[]) {
    it(`is readable in the ${theme} theme`, async () => {
      const { page, row } = await open({}, { theme });
      await row(0).waitFor();
      const contrasts = await contrastOf(page, ['h1', '.plan-title .dim', '.path-name', '.path-folder']);
      for (const { selector, ratio } of contrasts) {
        assert.ok(ratio >= 4.5, `${selector} has a contrast of ${ratio.toFixed(1)} only`);
      }
    });
  }

  it('shows 100,000 rows, and scrolls through them', async () => {
    const { page, row, longTasks } = await open({ steps: madeUpSteps(100_000) });
    await row(0).waitFor();
    const loading = await longTasks();
    await page.evaluate(scrollThrough);
    await page.keyboard.press('End');
    await row(99_999).locator('.path-name').waitFor();
    const scrolling = await longTasks();
    console.log(`      tasks over 50 ms: loading [${loading.join(', ')}] ms, scrolling [${scrolling.join(', ')}] ms`);
    assert.ok((await page.locator('.row').count()) < 120, 'only the rows around the window are in the page');
  });
});

/** Runs in the page: two seconds of wheel, then great leaps, a step a frame. */
async function scrollThrough(): Promise<void> {
  const scroller = document.querySelector('.grid-scroller');
  if (scroller === null) throw new Error('There is no grid.');
  for (const [frames, step] of [
    [120, 300],
    [60, 30_000],
  ] as const) {
    for (let frame = 0; frame < frames; frame++) {
      scroller.scrollTop += step;
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  }
}
