import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';

import { systemClock } from '../../src/base/clock.ts';
import { LakesideError } from '../../src/base/errors.ts';
import { writeStreamAtomic } from '../../src/base/writeStreamAtomic.ts';
import { createPlan } from '../../src/library/planDraft.ts';
import { planFileText, savePlan, sealTicked, writePlanFile } from '../../src/library/planFileWriter.ts';
import { openPlanFile } from '../../src/library/planOpen.ts';
import { PlanSealer } from '../../src/library/planSeal.ts';
import type { PlanHeader, PlanItem } from '../../src/protocol/planFile.ts';
import { PlanStore } from '../../src/store/planStore.ts';
import { type LibraryDatabase, openLibraryDatabase } from '../support/libraryDatabase.ts';
import { manyItems, planItemList, plansOfAllKinds, planSummary, preamble } from '../support/planItems.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

function sealed(items: readonly PlanItem[], change: Partial<PlanHeader> = {}): PlanHeader {
  const { summary = planSummary(items), seal, ...rest } = { ...preamble, ...change };
  const sealer = new PlanSealer(rest);
  for (const item of items) sealer.add(item);
  return { ...rest, summary, seal: seal ?? sealer.seal(summary) };
}

describe('a plan file', () => {
  const folder = temporaryFolder();
  let library: LibraryDatabase;
  let store: PlanStore;
  let number = 0;
  before(() => {
    library = openLibraryDatabase();
    store = new PlanStore(library.database, systemClock);
  });
  after(() => library.close());

  const file = (): string => join(folder(), 'test.lakeplan.json');
  const open = async (windowsTarget = false): Promise<{ id: string; header: PlanHeader; findings: unknown[] }> => {
    const id = `plan-${number++}`;
    const isKnownRoot = (root: string): boolean => ['id-local', 'id-lake'].includes(root);
    return { id, ...(await openPlanFile({ store, path: file(), id, isKnownRoot, windowsTarget })) };
  };
  const itemsOf = (id: string): PlanItem[] => [...store.items(id)].map(({ item }) => item);
  const plansInStore = (): unknown => library.database.prepare('SELECT count(*) FROM plans').pluck().get();
  const itemsInStore = (): unknown => library.database.prepare('SELECT count(*) FROM plan_items').pluck().get();
  const refuses = async (code: string, text: RegExp, windowsTarget = false): Promise<void> => {
    const there = [plansInStore(), itemsInStore()];
    await assert.rejects(open(windowsTarget), (error) => {
      assert.ok(error instanceof LakesideError, String(error));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, text);
      assert.ok(error.message.includes(file()), error.message);
      return true;
    });
    assert.deepEqual([plansInStore(), itemsInStore()], there);
  };
  const writeItems = (items: readonly PlanItem[], change?: Partial<PlanHeader>): Promise<void> =>
    writePlanFile(file(), sealed(items, change), items);

  it('comes back from the disk as it was written', async () => {
    await fc.assert(
      fc.asyncProperty(planItemList, async (items) => {
        await writeItems(items);
        const { id, header } = await open();
        assert.deepEqual(header, sealed(items));
        assert.deepEqual(itemsOf(id), items);
        await store.remove(planKey(id));
      }),
      { numRuns: 40 },
    );
    assert.equal(itemsInStore(), 0);
  });

  it('of every kind comes back as it was written, and again after it was saved from the store', async () => {
    await fc.assert(
      fc.asyncProperty(plansOfAllKinds, async ({ items, ...change }) => {
        await writeItems(items, change);
        const { id, header } = await open();
        assert.deepEqual(header, sealed(items, change));
        assert.deepEqual(itemsOf(id), items);
        const text = readFileSync(file(), 'utf8');
        await savePlan(store, id, file());
        assert.equal(readFileSync(file(), 'utf8'), text);
        await store.remove(planKey(id));
      }),
      { numRuns: 25 },
    );
  });

  it('of a Lakeside that knew mirrors and copies alone is read as ever', async () => {
    const text = `{"format":"lakeside-plan","version":1,"kind":"mirror",
"from":{"root":"local","id":"id-local"},
"to":{"root":"lake","id":"id-lake"},
"options":{"delete":true},
"summary":{"copy":{"count":1,"bytes":3},"move":{"count":0,"bytes":0},"delete":{"count":1,"bytes":4}},
"items":[
{"op":"copy","path":"a","expect":{"from":{"size":3,"mtimeMs":10},"to":null}},
{"op":"delete","path":"b","expect":{"from":null,"to":{"size":4,"mtimeMs":20}}}
],
"seal":"08ecd254decc15a46b6b919b2ceaf66135a992e002df749b3ff3c8897bb427f6"}
`;
    writeFileSync(file(), text);
    const { id, header } = await open();
    assert.deepEqual([header.kind, itemsOf(id).length, store.info(id).all.conflict], ['mirror', 2, undefined]);
  });

  it('is refused when a step has no meaning in its kind of plan', async () => {
    const state = { size: 1, mtimeMs: 1 };
    const undecided: PlanItem = { op: 'copy', path: 'a', direction: 'undecided', expect: { from: state, to: state } };
    await writeItems([undecided]);
    await refuses('PLAN_DAMAGED', /not complete/);
    await writeItems([undecided], { kind: 'both', summary: planSummary([{ ...undecided, direction: 'reverse' }]) });
    await refuses('PLAN_DAMAGED', /totals/);
    await writeItems([{ op: 'delete', path: 'a', expect: { from: null, to: state } }], { kind: 'evict' });
    await refuses('PLAN_DAMAGED', /not complete/);
    await writeItems([{ ...undecided, fromPath: '../a' }], { kind: 'both' });
    await refuses('PLAN_UNSAFE_PATH', /leaves its folder/);
  });

  const planKey = (id: string): number =>
    Number(library.database.prepare('SELECT key FROM plans WHERE id = ?').pluck().get(id));

  it('may be laid out anew by another program: indented, in one line, with CRLF or a byte order mark', async () => {
    const items = [...manyItems(30)];
    const text = [...planFileText(sealed(items), items)].join('');
    const plan: unknown = JSON.parse(text);
    const shapes = [
      JSON.stringify(plan, null, 2),
      JSON.stringify(plan),
      text.replaceAll('\n', '\r\n'),
      `\uFEFF${text}`,
    ];
    for (const shape of shapes) {
      writeFileSync(file(), shape);
      assert.deepEqual(itemsOf((await open()).id), items);
    }
  });

  it('is refused when it was edited', async () => {
    const items = [...manyItems(20)];
    await writeItems(items);
    const text = readFileSync(file(), 'utf8');
    writeFileSync(file(), text.replace('"size":1001', '"size":1002'));
    await refuses('PLAN_EDITED', /changed after it was made/);
    writeFileSync(
      file(),
      text
        .split('\n')
        .filter((line) => !line.includes('model-3.'))
        .join('\n'),
    );
    await refuses('PLAN_EDITED', /changed after it was made/);
  });

  it('is refused when it is no plan, or one of a later version', async () => {
    for (const text of ['', '{}', '[]', 'null', 'not json', '{"format":"other"}', '\xff']) {
      writeFileSync(file(), text, 'latin1');
      await refuses('PLAN_FORMAT', /not a plan/);
    }
    const header = JSON.stringify({ ...sealed([]), version: 2, items: [] });
    writeFileSync(file(), header);
    await refuses('PLAN_FORMAT', /version 2/);
    writeFileSync(file(), JSON.stringify({ ...sealed([]), options: { shred: true }, items: [] }));
    await refuses('PLAN_DAMAGED', /header/);
  });

  it('is refused when it is for roots that are not known here, whatever their names', async () => {
    await writeItems([], { to: { root: 'lake', id: 'id-strange' } });
    await refuses('PLAN_OTHER_ROOTS', /"lake" that is not known/);
    await writeItems([], { to: preamble.from });
    await refuses('PLAN_OTHER_ROOTS', /to itself/);
    await writeItems([], { to: { root: 'renamed', id: 'id-lake' } });
    assert.equal((await open()).header.to.root, 'renamed');
  });

  it('is refused when a path in it could leave its root, on any platform', async () => {
    const state = { size: 1, mtimeMs: 1 };
    const hostile = [
      '../x',
      'a/../../x',
      '/etc/x',
      'C:/x',
      'c:x',
      '..\\x',
      '\\\\host\\x',
      'a//b',
      './x',
      '.lakeside/root.json',
      'con/../x',
    ];
    for (const path of hostile) {
      await writeItems([{ op: 'copy', path, expect: { from: state, to: null } }]);
      await refuses('PLAN_UNSAFE_PATH', /not safe/);
      await writeItems([{ op: 'move', path: 'ok', movedFrom: path, expect: { from: state, to: state } }]);
      await refuses('PLAN_UNSAFE_PATH', /not safe/);
    }
  });

  it('tells names that only Windows cannot hold, and is refused where the target is Windows', async () => {
    await writeItems([{ op: 'copy', path: 'aux.safetensors', expect: { from: { size: 1, mtimeMs: 1 }, to: null } }]);
    const { findings } = await open();
    assert.equal(findings.length, 1);
    await refuses('PLAN_UNSAFE_PATH', /reserved on Windows/, true);
  });

  it('is refused when it was sealed with steps out of order, twice, incomplete or badly summed up', async () => {
    const state = { size: 1, mtimeMs: 1 };
    const copy = (path: string): PlanItem => ({ op: 'copy', path, expect: { from: state, to: null } });
    const move = (path: string): PlanItem => ({ op: 'move', path, movedFrom: 'x', expect: { from: state, to: state } });
    const bad: PlanItem[][] = [
      [copy('b'), copy('a')],
      [copy('a'), copy('a')],
      [move('a'), move('b')],
      [move('a'), { op: 'delete', path: 'x', expect: { from: null, to: state } }],
      [{ op: 'copy', path: 'a', expect: { from: null, to: null } }],
      [{ op: 'delete', path: 'a', expect: { from: state, to: state } }],
      [{ op: 'move', path: 'a', expect: { from: state, to: state } }],
    ];
    for (const items of bad) {
      await writeItems(items);
      await refuses('PLAN_DAMAGED', /damaged/);
    }
    await writeItems([copy('a')], { summary: planSummary([]) });
    await refuses('PLAN_DAMAGED', /totals/);
  });

  it('is refused, or means the same, after any change of its text', async () => {
    const items = [...manyItems(12)];
    const text = [...planFileText(sealed(items), items)].join('');
    const change = fc.record({
      at: fc.nat(text.length - 1),
      remove: fc.nat(3),
      insert: fc.oneof(
        fc.constantFrom('', '0', '1', '-', ' ', '\n', ',', '"', '{', '}', '.', 'e', '../', '\\u0041'),
        fc.string({ maxLength: 2 }),
      ),
    });
    await fc.assert(
      fc.asyncProperty(change, async ({ at, remove, insert }) => {
        writeFileSync(file(), text.slice(0, at) + insert + text.slice(at + remove));
        let id: string;
        try {
          ({ id } = await open());
        } catch (error) {
          assert.ok(error instanceof LakesideError, String(error));
          assert.match(error.code, /^PLAN_/);
          return;
        }
        assert.deepEqual(itemsOf(id), items);
        assert.deepEqual(store.header(id), sealed(items));
      }),
      { numRuns: 300 },
    );
  });

  it('holds only the ticked steps after a save, sealed anew, and reverts to what was saved', async () => {
    const items = [...manyItems(2_500)];
    await createPlan({ store, id: 'saved', preamble, items });
    await store.tick('saved', false, { filter: { ops: ['delete'] } });
    const kept = items.filter((item) => item.op !== 'delete');
    assert.equal(store.info('saved').dirty, true);
    assert.deepEqual(sealTicked(store, 'saved'), sealed(kept));
    const header = await savePlan(store, 'saved', file());
    assert.deepEqual(header, sealed(kept));
    assert.equal(store.info('saved').dirty, false);
    assert.equal(store.path('saved'), file());
    assert.deepEqual(itemsOf((await open()).id), kept);
    await store.tick('saved', true, {});
    assert.equal(store.info('saved').dirty, true);
    await store.revert('saved');
    assert.deepEqual(store.info('saved').ticked, header.summary);
    await store.tick('saved', false, {});
    assert.deepEqual(await savePlan(store, 'saved', file()), sealed([]));
    assert.deepEqual(itemsOf((await open()).id), []);
  });

  it('never takes the place of a file that is no plan', async () => {
    await createPlan({ store, id: 'careful', preamble, items: [...manyItems(3)] });
    writeFileSync(file(), 'a model');
    await assert.rejects(savePlan(store, 'careful', file()), { code: 'FILE_EXISTS', message: /is not a plan/ });
    assert.equal(readFileSync(file(), 'utf8'), 'a model');
    writeFileSync(file(), '');
    await savePlan(store, 'careful', file());
    await savePlan(store, 'careful', file());
  });

  it('is left as it was when writing fails, with nothing beside it', async () => {
    writeFileSync(file(), 'before');
    const failing = function* (): Generator<string> {
      yield 'half';
      throw new Error('no more');
    };
    await assert.rejects(writeStreamAtomic(file(), failing()), { name: 'LakesideError' });
    const below = join(file(), 'below.lakeplan.json');
    await assert.rejects(writeStreamAtomic(below, ['text']), {
      message: /^Cannot write .*below\.lakeplan\.json: a part of its path/,
    });
    assert.equal(readFileSync(file(), 'utf8'), 'before');
    assert.deepEqual(readdirSync(folder()), ['test.lakeplan.json']);
  });
});
