import assert from 'node:assert/strict';

import { planConfirmation } from '../../src/library/planConfirmation.ts';

const limit = { count: 1_000, percent: 10 };

describe('planConfirmation', () => {
  const question = (deletes: number, replaces: number, files: number): string | undefined =>
    planConfirmation([{ root: 'lake', deletes, replaces, files }], limit)?.question;

  it('says in words and numbers what is taken away, and what share that is', () => {
    assert.equal(
      question(1_204, 310, 4_880),
      'This plan deletes 1,204 files and replaces 310 in Lake, 31 % of its 4,880 files.',
    );
    assert.equal(
      question(0, 1_500, 1_000_000),
      'This plan replaces 1,500 files in Lake, 0.1 % of its 1,000,000 files.',
    );
  });

  it('asks above the count and above the share, and not at either', () => {
    assert.equal(question(1_000, 0, 100_000), undefined);
    assert.notEqual(question(1_001, 0, 100_000), undefined);
    assert.equal(question(100, 0, 1_000), undefined);
    assert.notEqual(question(101, 0, 1_000), undefined);
  });

  it('counts replaced files with deleted ones', () => {
    assert.equal(question(600, 400, 100_000), undefined);
    assert.notEqual(question(600, 401, 100_000), undefined);
  });

  it('does not ask for a share of so few files that each can be read', () => {
    assert.equal(question(19, 0, 19), undefined);
    assert.notEqual(question(20, 0, 20), undefined);
  });

  it('asks even of few files where the person set a lower count', () => {
    const strict = planConfirmation([{ root: 'lake', deletes: 1, replaces: 0, files: 50 }], { count: 0, percent: 100 });
    assert.equal(strict?.question, 'This plan deletes 1 file in Lake, 2.0 % of its 50 files.');
  });

  it('looks at each root for itself and names both', () => {
    const roots = [
      { root: 'local', deletes: 0, replaces: 5, files: 400 },
      { root: 'lake', deletes: 30, replaces: 0, files: 100 },
    ];
    assert.deepEqual(planConfirmation(roots, limit), {
      deletes: 30,
      replaces: 5,
      files: 500,
      question:
        'This plan replaces 5 files in Local, 1.3 % of its 400 files; it deletes 30 files in Lake, 30 % of its 100 files.',
    });
    assert.equal(planConfirmation([roots[0] ?? assert.fail()], limit), undefined);
  });
});
