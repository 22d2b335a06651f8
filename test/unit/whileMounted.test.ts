import assert from 'node:assert/strict';

import { whileMounted } from '../../src/app/whileMounted.ts';
import { canceledError, LakesideError } from '../../src/base/errors.ts';
import { notMounted, type RootProbe } from '../../src/library/probeRoot.ts';
import { ManualClock } from '../support/manualClock.ts';

const root = { id: 'id', name: 'lake', path: '/lake' };
const mounted: RootProbe = { mounted: true, readOnly: false };
const lost: RootProbe = { mounted: false, problem: notMounted(root, 'did not answer') };
const never = <T>(): Promise<T> => new Promise<T>(() => undefined);
const isLost = (error: unknown): boolean => error instanceof LakesideError && error.code === 'ROOT_NOT_MOUNTED';

describe('work on roots that may be lost', () => {
  let clock: ManualClock;
  let answer: () => Promise<RootProbe>;
  const stop = (): AbortController => new AbortController();

  beforeEach(() => {
    clock = new ManualClock();
    answer = () => Promise.resolve(mounted);
  });

  function run<T>(work: (signal: AbortSignal) => Promise<T>, signal = stop().signal): Promise<T> {
    return whileMounted({ roots: [root], probe: () => answer(), clock, signal, work });
  }

  it('gives what the work gives, and looks no more', async () => {
    let asked = 0;
    answer = () => {
      asked++;
      return Promise.resolve(mounted);
    };
    const done = Promise.withResolvers<string>();
    const result = run(() => done.promise);
    await clock.advance(60_000);
    done.resolve('done');
    assert.equal(await result, 'done');
    const before = asked;
    assert.ok(before > 10);
    await clock.advance(60_000);
    assert.equal(asked, before);
  });

  it('ends within 15 s when the root is lost, though the work hangs in a call that never returns', async () => {
    const result = assert.rejects(
      run(() => never()),
      isLost,
    );
    // A lost connection: the probe itself hangs until its own limit of ten seconds.
    answer = () => new Promise((resolve) => clock.after(10_000, () => resolve(lost)));
    await clock.advance(15_000);
    await result;
  });

  it('tells the work why it must stop, and waits a moment for it', async () => {
    let recorded = false;
    let reason: unknown;
    const result = run(
      (signal) =>
        new Promise((_, reject) =>
          signal.addEventListener('abort', () => {
            reason = signal.reason;
            recorded = true;
            reject(canceledError('The scan'));
          }),
        ),
    );
    const refused = assert.rejects(result, isLost);
    answer = () => Promise.resolve(lost);
    await clock.advance(4_000);
    await refused;
    assert.deepEqual([recorded, isLost(reason)], [true, true]);
  });

  it('passes on a cancellation as what it is', async () => {
    const abort = stop();
    const result = run(
      (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(canceledError('The scan')))),
      abort.signal,
    );
    abort.abort(canceledError('The job'));
    await assert.rejects(result, (error: unknown) => error instanceof LakesideError && error.code === 'CANCELED');
  });

  it('passes on what the work throws', async () => {
    await assert.rejects(
      run(() => Promise.reject(new LakesideError('DISK_FULL', 'infra', 'The disk is full.'))),
      /full/,
    );
  });
});
