import assert from 'node:assert/strict';

import { isCanceled, LakesideError } from '../../src/base/errors.ts';
import { applyConfirmed, type Confirmation, confirmLabel } from '../../src/host/applyConfirmed.ts';
import type { CallUseCase } from '../../src/protocol/useCases.ts';

const asked: Confirmation = {
  deletes: 1_204,
  replaces: 310,
  files: 4_880,
  question: 'Much goes.',
  afterwards: 'It goes to the trash.',
};

/** An engine whose questions come one after the other, and that takes only the answer to the newest. */
function engine(questions: readonly (Confirmation | undefined)[]): { call: CallUseCase; applied: unknown[] } {
  let at = 0;
  const applied: unknown[] = [];
  const call = ((name: string, input: { confirmed?: { deletes: number } }): Promise<unknown> => {
    const question = questions[Math.min(at, questions.length - 1)];
    if (name === 'plans.info') {
      at++;
      return Promise.resolve({ confirmation: question });
    }
    const now = questions[Math.min(at, questions.length - 1)];
    applied.push(input);
    if (input.confirmed?.deletes === now?.deletes) return Promise.resolve({ job: 'job-1' });
    return Promise.reject(new LakesideError('PLAN_NEEDS_CONFIRMATION', 'policy', 'Other numbers.'));
  }) as CallUseCase;
  return { call, applied };
}

describe('applying a plan', () => {
  it('asks nothing where little changes', async () => {
    const { call, applied } = engine([undefined]);
    assert.deepEqual(await applyConfirmed(call, 'p', () => assert.fail('it asked')), { job: 'job-1' });
    assert.deepEqual(applied, [{ plan: 'p' }]);
  });

  it('passes on just the numbers that were confirmed', async () => {
    const { call, applied } = engine([asked]);
    await applyConfirmed(call, 'p', () => Promise.resolve(true));
    assert.deepEqual(applied, [{ plan: 'p', confirmed: { deletes: 1_204, replaces: 310 } }]);
  });

  it('is canceled by a no, and applies nothing', async () => {
    const { call, applied } = engine([asked]);
    await assert.rejects(
      applyConfirmed(call, 'p', () => Promise.resolve(false)),
      isCanceled,
    );
    assert.deepEqual(applied, []);
  });

  it('asks again where the numbers changed meanwhile', async () => {
    const more = { ...asked, deletes: 1_300 };
    const { call } = engine([asked, more, more]);
    const seen: number[] = [];
    await applyConfirmed(call, 'p', ({ deletes }) => {
      seen.push(deletes);
      return Promise.resolve(true);
    });
    assert.deepEqual(seen, [1_204, 1_300]);
  });
});

describe('the question before much is deleted', () => {
  it('has a button that says what it does', () => {
    assert.equal(confirmLabel(asked), 'Delete 1,204 files and replace 310');
    assert.equal(confirmLabel({ deletes: 1, replaces: 0 }), 'Delete 1 file');
    assert.equal(confirmLabel({ deletes: 0, replaces: 2 }), 'Replace 2 files');
  });
});
