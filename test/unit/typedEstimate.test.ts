import assert from 'node:assert/strict';

import { TypedEstimate } from '../../src/host/typedEstimate.ts';
import { ManualClock } from '../support/manualClock.ts';
import { settle } from '../support/settle.ts';

describe('an estimate of what is typed', () => {
  let clock: ManualClock;
  let asked: { text: string; signal: AbortSignal; answer: (value: string) => void; fail: (error: Error) => void }[];
  let told: string[];
  let estimate: TypedEstimate<string>;

  beforeEach(() => {
    clock = new ManualClock();
    asked = [];
    told = [];
    estimate = new TypedEstimate<string>(
      (text, signal) =>
        new Promise((answer, fail) => {
          asked.push({ text, signal, answer, fail });
        }),
      (text, answer) => told.push(`${text}: ${answer instanceof Error ? `! ${answer.message}` : (answer ?? '…')}`),
      clock,
    );
  });

  it('waits until the typing rests, and asks once', async () => {
    for (const text of ['2', '25', '250']) estimate.type(text);
    await clock.advance(349);
    assert.equal(asked.length, 0);
    await clock.advance(1);
    assert.deepEqual(
      asked.map(({ text }) => text),
      ['250'],
    );
    asked[0]?.answer('12 files');
    await settle();
    assert.deepEqual(told, ['2: …', '25: …', '250: …', '250: 12 files']);
  });

  it('drops the answer to an older text, and tells whoever works on it to stop', async () => {
    estimate.type('1');
    await clock.advance(350);
    estimate.type('2');
    assert.equal(asked[0]?.signal.aborted, true);
    asked[0].answer('old');
    await settle();
    assert.deepEqual(told, ['1: …', '2: …']);
  });

  it('gives the answer that was asked for already, or asks at once', async () => {
    estimate.type('1');
    const early = estimate.answer('1');
    await clock.advance(1_000);
    assert.equal(asked.length, 1);
    asked[0]?.answer('one');
    assert.equal(await early, 'one');
    assert.equal(await estimate.answer('1'), 'one');
    void estimate.answer('2').catch(() => undefined);
    assert.equal(asked.length, 2);
  });

  it('says why there is no answer', async () => {
    estimate.type('1');
    await clock.advance(350);
    asked[0]?.fail(new Error('Lake is not mounted.'));
    await settle();
    assert.equal(told.at(-1), '1: ! Lake is not mounted.');
  });
});
