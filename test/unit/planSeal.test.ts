import assert from 'node:assert/strict';
import canonicalize from 'canonicalize';
import fc from 'fast-check';

import { loadBlake3 } from '../../src/library/blake3.ts';
import { planFileText } from '../../src/library/planFileWriter.ts';
import { canonicalItem, PlanSealer } from '../../src/library/planSeal.ts';
import type { PlanItem } from '../../src/protocol/planFile.ts';
import { manyItems, planItemList, plansOfAllKinds, planSummary, preamble } from '../support/planItems.ts';

function sealWhole(plan: object): string {
  const hash = loadBlake3().createHash();
  hash.update(Buffer.from(canonicalize(plan) ?? ''));
  return hash.digest().toString('hex');
}

function sealStreamed(items: Iterable<PlanItem>): string {
  const list = [...items];
  const sealer = new PlanSealer(preamble);
  for (const item of list) sealer.add(item);
  return sealer.seal(planSummary(list));
}

describe('the seal of a plan', () => {
  it('is the BLAKE3 of the RFC 8785 form of the whole plan without its seal', () => {
    fc.assert(
      fc.property(planItemList, (items) => {
        for (const item of items) assert.equal(canonicalItem(item), canonicalize(item));
        assert.equal(sealStreamed(items), sealWhole({ ...preamble, items, summary: planSummary(items) }));
      }),
      { numRuns: 300 },
    );
  });

  it('covers all that a step of any kind says', () => {
    fc.assert(
      fc.property(plansOfAllKinds, ({ items }) => {
        for (const item of items) assert.equal(canonicalItem(item), canonicalize(item));
      }),
      { numRuns: 300 },
    );
  });

  it('is the same for many items, which it hashes as they come', () => {
    const items = [...manyItems(3_000)];
    assert.equal(sealStreamed(items), sealWhole({ ...preamble, items, summary: planSummary(items) }));
  });

  it('is written last in a file that is valid JSON, one item a line', () => {
    const items = [...manyItems(5)];
    const summary = planSummary(items);
    const plan = { ...preamble, summary, items, seal: sealStreamed(items) };
    const text = [...planFileText({ ...preamble, summary, seal: plan.seal }, items)].join('');
    assert.deepEqual(JSON.parse(text), plan);
    const lines = text.split('\n');
    assert.equal(lines.filter((line) => line.startsWith('{"op":')).length, 5);
    assert.deepEqual(Object.keys(JSON.parse(text) as object), [
      'format',
      'version',
      'kind',
      'from',
      'to',
      'options',
      'summary',
      'items',
      'seal',
    ]);
    assert.deepEqual(JSON.parse([...planFileText({ ...preamble, summary, seal: plan.seal }, [])].join('')), {
      ...plan,
      items: [],
    });
  });
});
