import assert from 'node:assert/strict';

import { LakesideError } from '../../src/base/errors.ts';
import { PlanDocument, type TickEdit } from '../../src/host/panels/planDocument.ts';
import { FakePlanEngine, type FakePlanEngineOptions } from '../support/fakePlanEngine.ts';
import { madeUpSteps, madeUpStepsBothWays } from '../support/madeUpSteps.ts';

const PATH = '/plans/a.lakeplan.json';

function openDocument(
  options: Partial<FakePlanEngineOptions> = {},
  backup?: string,
): { engine: FakePlanEngine; document: PlanDocument; edits: TickEdit[] } {
  const engine = new FakePlanEngine({ steps: madeUpSteps(40), ...options });
  const edits: TickEdit[] = [];
  const document = new PlanDocument({
    engine,
    fileName: 'a.lakeplan.json',
    path: PATH,
    isTrusted: () => true,
    backup,
  });
  document.onEdit((edit) => edits.push(edit));
  return { engine, document, edits };
}

const unticked = (engine: FakePlanEngine): number[] =>
  engine.rows.filter(({ ticked }) => !ticked).map(({ step }) => step);

describe('an open plan', () => {
  it('undoes exactly the ticks that one change made', async () => {
    const { engine, document, edits } = openDocument();
    await document.tick({ plan: 'plan-1', ticked: false, steps: [3] }, {});
    await document.tick({ plan: 'plan-1', ticked: false, filter: {} }, {});
    assert.equal(unticked(engine).length, 40);
    assert.deepEqual(
      edits.map(({ label }) => label),
      ['Untick 1 step', 'Untick 39 steps'],
    );
    await edits[1]?.undo();
    assert.deepEqual(unticked(engine), [3]);
    await edits[0]?.undo();
    assert.deepEqual(unticked(engine), []);
    await edits[0]?.redo();
    assert.deepEqual(unticked(engine), [3]);
  });

  it('decides conflicts of contents and of names, and undoes that', async () => {
    const { engine, document, edits } = openDocument({ steps: madeUpStepsBothWays(20), kind: 'both' });
    const directions = (): unknown[] => [8, 14].map((step) => engine.rows[step]?.direction);
    await document.resolve({ plan: 'plan-1', keep: 'to', steps: [8, 14] }, {});
    assert.deepEqual(directions(), ['reverse', 'reverse']);
    await edits[0]?.undo();
    assert.deepEqual(directions(), ['undecided', 'undecided']);
  });

  it('is not changed by a tick that changes nothing', async () => {
    const { document, edits } = openDocument();
    await document.tick({ plan: 'plan-1', ticked: true, filter: {} }, {});
    assert.deepEqual(edits, []);
  });

  it('brings its ticks back from a backup', async () => {
    const first = openDocument();
    await first.document.tick({ plan: 'plan-1', ticked: false, steps: [2, 5] }, {});
    const backup = await first.document.backUp();
    const second = openDocument({}, backup);
    await second.document.describe();
    assert.deepEqual(unticked(second.engine), [2, 5]);
  });

  it('leaves a backup of another version of the file alone', async () => {
    const { engine, document } = openDocument({}, JSON.stringify({ seal: 'other', unticked: ['copy a'] }));
    assert.equal((await document.describe()).plan, 'plan-1');
    assert.deepEqual(unticked(engine), []);
  });

  it('says why it could not be opened, and can be tried again', async () => {
    const refuse = new LakesideError('PLAN_SEAL_BROKEN', 'validation', 'It was changed after it was sealed.');
    const { document } = openDocument({ refuse });
    const described = await document.describe();
    assert.equal(described.plan, null);
    assert.equal(described.error?.code, 'PLAN_SEAL_BROKEN');
    assert.equal((await document.reopen()).error?.code, 'PLAN_SEAL_BROKEN');
  });

  it('must lie on this machine', async () => {
    const engine = new FakePlanEngine({ steps: [] });
    const document = new PlanDocument({ engine, fileName: 'a', path: undefined, isTrusted: () => true });
    assert.equal((await document.describe()).error?.code, 'PLAN_NOT_LOCAL');
    assert.deepEqual(engine.calls, []);
  });

  it('is saved to its file, or to another, and reverted', async () => {
    const { engine, document } = openDocument();
    const announced: (string | null)[] = [];
    document.onChange(({ plan }) => announced.push(plan));
    await document.tick({ plan: 'plan-1', ticked: false, steps: [2] }, {});
    await document.save(PATH);
    await document.save('/plans/copy.lakeplan.json');
    await document.revert();
    const written = engine.calls.filter(({ name }) => name === 'plans.save' || name === 'plans.revert');
    assert.deepEqual(
      written.map(({ input }) => input),
      [{ plan: 'plan-1', path: PATH }, { plan: 'plan-1', path: '/plans/copy.lakeplan.json' }, { plan: 'plan-1' }],
    );
    assert.deepEqual(announced, ['plan-1', 'plan-1', 'plan-1']);
  });

  it('stays open when it could not be saved, and can be saved again', async () => {
    const refuseSave = new LakesideError('ENOSPC', 'infra', 'The disk is full.');
    const { document } = openDocument({ refuseSave });
    await assert.rejects(document.save(PATH), { code: 'ENOSPC' });
    assert.equal((await document.describe()).plan, 'plan-1');
    await document.save(PATH);
  });
});
