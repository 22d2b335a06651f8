import assert from 'node:assert/strict';

import { LakesideError } from '../../src/base/errors.ts';
import { PagedRows, type RowPage } from '../../webview/shared/pagedRows.ts';
import { settle } from '../support/settle.ts';

interface Request {
  readonly offset: number;
  readonly signal: AbortSignal;
  answer(page: RowPage<string>): void;
  fail(error: Error): void;
}

/** A source of rows whose answers come when the test says so. */
class Source {
  readonly requests: Request[] = [];

  readonly fetchPage = (offset: number, _limit: number, signal: AbortSignal): Promise<RowPage<string>> =>
    new Promise((resolve, reject) => this.requests.push({ offset, signal, answer: resolve, fail: reject }));

  async answer(index: number, prefix: string, total = 1_000): Promise<void> {
    const request = this.requests[index];
    assert.ok(request, `there is no request ${index}`);
    const items = Array.from(
      { length: Math.min(100, total - request.offset) },
      (_, at) => `${prefix}${request.offset + at}`,
    );
    request.answer({ total, items });
    await settle();
  }
}

describe('rows fetched by the page', () => {
  it('fetches what is in sight and knows the total', async () => {
    const source = new Source();
    const rows = new PagedRows<string>();
    rows.query(source.fetchPage);
    await source.answer(0, 'a');
    assert.equal(rows.getSnapshot().total, 1_000);
    assert.equal(rows.getSnapshot().rowAt(5), 'a5');
    assert.equal(rows.getSnapshot().rowAt(250), undefined);
    rows.want(190, 199);
    await source.answer(1, 'a');
    assert.equal(rows.getSnapshot().rowAt(195), 'a195');
  });

  it('drops requests for what was scrolled past', async () => {
    const source = new Source();
    const rows = new PagedRows<string>();
    rows.query(source.fetchPage);
    await source.answer(0, 'a', 100_000);
    rows.want(2_000, 2_050);
    rows.want(50_000, 50_050);
    assert.equal(source.requests[1]?.signal.aborted, true);
    assert.equal(source.requests[2]?.offset, 50_000);
  });

  it('shows the old rows until the new ones are there', async () => {
    const source = new Source();
    const rows = new PagedRows<string>();
    rows.query(source.fetchPage);
    await source.answer(0, 'a');
    rows.refresh();
    assert.equal(rows.getSnapshot().rowAt(5), 'a5');
    await source.answer(1, 'b');
    assert.equal(rows.getSnapshot().rowAt(5), 'b5');
    rows.query(source.fetchPage);
    assert.equal(rows.getSnapshot().rowAt(5), 'b5');
    assert.equal(rows.getSnapshot().isStale, true);
    await source.answer(2, 'c', 3);
    assert.equal(rows.getSnapshot().isStale, false);
    assert.equal(rows.getSnapshot().total, 3);
    assert.equal(rows.getSnapshot().rowAt(2), 'c2');
    assert.equal(rows.getSnapshot().rowAt(5), undefined);
  });

  it('does not let an answer made before a change undo it', async () => {
    const source = new Source();
    const rows = new PagedRows<string>();
    rows.query(source.fetchPage);
    await source.answer(0, 'a');
    rows.refresh();
    rows.patch((row) => row.toUpperCase());
    await source.answer(1, 'a');
    assert.equal(rows.getSnapshot().rowAt(5), 'A5');
    rows.refresh();
    await source.answer(2, 'b');
    assert.equal(rows.getSnapshot().rowAt(5), 'b5');
  });

  it('keeps a bounded number of pages, and what is in sight among them', async () => {
    const source = new Source();
    const rows = new PagedRows<string>();
    rows.query(source.fetchPage);
    await source.answer(0, 'a', 100_000);
    for (let page = 1; page <= 70; page++) {
      rows.want(page * 100, page * 100 + 40);
      await source.answer(page, 'a', 100_000);
    }
    assert.equal(rows.getSnapshot().rowAt(0), undefined);
    assert.equal(rows.getSnapshot().rowAt(7_010), 'a7010');
  });

  it('says what went wrong, and tries again when asked', async () => {
    const source = new Source();
    const rows = new PagedRows<string>();
    rows.query(source.fetchPage);
    source.requests[0]?.fail(new LakesideError('DATABASE_BUSY', 'infra', 'The database is busy.'));
    await settle();
    assert.equal(rows.getSnapshot().error?.code, 'DATABASE_BUSY');
    rows.refresh();
    await source.answer(1, 'a');
    assert.equal(rows.getSnapshot().error, undefined);
    assert.equal(rows.getSnapshot().rowAt(0), 'a0');
  });
});
