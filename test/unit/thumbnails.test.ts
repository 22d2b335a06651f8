import assert from 'node:assert/strict';

import { LakesideError } from '../../src/base/errors.ts';
import { type FetchThumbnails, Thumbnails } from '../../webview/shared/thumbnails.ts';
import { ManualClock } from '../support/manualClock.ts';
import { settle } from '../support/settle.ts';

interface Request {
  readonly images: readonly string[];
  readonly size: number;
  readonly signal: AbortSignal;
  answer(): void;
  fail(error: Error): void;
}

/** A source of thumbnails whose answers come when the test says so. */
class Source {
  readonly requests: Request[] = [];

  readonly fetch: FetchThumbnails = (images, size, signal) =>
    new Promise((resolve, reject) => {
      const answer = (): void => resolve(images.map((id) => ({ id, uri: `${id}@${size}` })));
      this.requests.push({ images, size, signal, answer, fail: reject });
    });
}

const names = (count: number, first = 0): string[] => Array.from({ length: count }, (_, at) => `i${first + at}`);

describe('thumbnails of what is in view', () => {
  it('are asked for in small batches, a few at a time, and once', async () => {
    const source = new Source();
    const thumbnails = new Thumbnails(source.fetch, new ManualClock());
    thumbnails.want(names(60), 256);
    thumbnails.want(names(60), 256);
    assert.deepEqual(
      source.requests.map(({ images }) => images.length),
      [12, 12, 12, 12],
    );
    let drawn = 0;
    thumbnails.subscribe('i3', () => drawn++);
    source.requests[0]?.answer();
    await settle();
    assert.equal(thumbnails.get('i3')?.uri, 'i3@256');
    assert.equal(drawn, 1);
    assert.deepEqual(source.requests[4]?.images, names(12, 48));
  });

  it('are no longer waited for once they are out of view', () => {
    const source = new Source();
    const thumbnails = new Thumbnails(source.fetch, new ManualClock());
    thumbnails.want(names(60), 256);
    thumbnails.want(names(12, 1_000), 256);
    assert.ok(source.requests.slice(0, 4).every(({ signal }) => signal.aborted));
    assert.deepEqual(source.requests[4]?.images, names(12, 1_000));
  });

  it('show small until the larger one is there', async () => {
    const source = new Source();
    const thumbnails = new Thumbnails(source.fetch, new ManualClock());
    thumbnails.want(['a'], 256);
    source.requests[0]?.answer();
    await settle();
    thumbnails.want(['a'], 512);
    assert.equal(thumbnails.get('a')?.uri, 'a@256');
    source.requests[1]?.answer();
    await settle();
    assert.equal(thumbnails.get('a')?.uri, 'a@512');
    thumbnails.want(['a'], 256);
    assert.equal(source.requests.length, 2);
  });

  it('are bounded in number', async () => {
    const source = new Source();
    const thumbnails = new Thumbnails(source.fetch, new ManualClock());
    for (let first = 0; first < 6_000; first += 12) {
      thumbnails.want(names(12, first), 256);
      source.requests.at(-1)?.answer();
      await Promise.resolve();
    }
    await settle();
    assert.equal(thumbnails.get('i0'), undefined);
    assert.equal(thumbnails.get('i5999')?.uri, 'i5999@256');
  });

  it('say what went wrong, and are asked for again after a while', async () => {
    const source = new Source();
    const clock = new ManualClock();
    const thumbnails = new Thumbnails(source.fetch, clock);
    thumbnails.want(['a'], 256);
    source.requests[0]?.fail(new LakesideError('DATABASE_BUSY', 'infra', 'The database is busy.'));
    await settle();
    assert.equal(thumbnails.get('a')?.error?.code, 'DATABASE_BUSY');
    thumbnails.want(['a'], 256);
    assert.equal(source.requests.length, 1);
    await clock.advance(3_000);
    source.requests[1]?.answer();
    await settle();
    assert.equal(thumbnails.get('a')?.uri, 'a@256');
    thumbnails.failedToLoad('a', 'a@256');
    await clock.advance(3_000);
    assert.equal(source.requests.length, 3);
  });
});
