import assert from 'node:assert/strict';

import { DisposableStore, toDisposable } from '../../src/base/disposables.ts';
import { Emitter } from '../../src/base/events.ts';

describe('what is owned', () => {
  it('is disposed with its owner, the last first, and once', () => {
    const order: string[] = [];
    const owner = new DisposableStore();
    for (const name of ['first', 'second']) owner.add(toDisposable(() => order.push(name)));
    owner.dispose();
    owner.dispose();
    assert.deepEqual(order, ['second', 'first']);
  });

  it('is disposed at once when its owner is gone already', () => {
    const owner = new DisposableStore();
    owner.dispose();
    let disposed = false;
    owner.add(toDisposable(() => (disposed = true)));
    assert.equal(disposed, true);
  });
});

describe('an event', () => {
  it('reaches every listener, also after one of them threw', () => {
    const errors: unknown[] = [];
    const heard: number[] = [];
    const emitter = new Emitter<number>((error) => errors.push(error));
    emitter.event(() => {
      throw new Error('deaf');
    });
    emitter.event((value) => heard.push(value));
    emitter.fire(7);
    assert.deepEqual([heard, errors.length], [[7], 1]);
  });

  it('is not heard any more by who stopped listening, or after it was disposed', () => {
    const heard: number[] = [];
    const emitter = new Emitter<number>();
    const listening = emitter.event((value) => heard.push(value));
    emitter.fire(1);
    listening.dispose();
    emitter.fire(2);
    emitter.event((value) => heard.push(value));
    emitter.dispose();
    emitter.fire(3);
    assert.deepEqual(heard, [1]);
  });
});
