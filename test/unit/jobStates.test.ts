import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { isOver, JOB_STATES } from '../../src/protocol/values.ts';
import { JOB_EVENTS, nextState } from '../../src/queue/jobStates.ts';
import { retryDelayMs } from '../../src/queue/retryPolicy.ts';
import { projectDir } from '../support/projectDir.ts';

/** The cells of the table under a heading of a Markdown file, without its rule. */
function tableUnder(heading: string, file: string): string[][] {
  const section = readFileSync(path.join(projectDir, file), 'utf8').split(`${heading}\n`)[1] ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('|') && !line.startsWith('| -'));
  return lines.map((line) => line.split('|').slice(1, -1)).map((cells) => cells.map((cell) => cell.trim()));
}

describe('job states', () => {
  it('lead from queued over running to an end', () => {
    assert.equal(nextState('queued', 'claim'), 'running');
    assert.equal(nextState('running', 'succeed'), 'succeeded');
    assert.equal(nextState('running', 'fail'), 'failed');
    assert.equal(nextState('failed', 'retry'), 'queued');
  });

  it('allow nothing but a retry once a job is over', () => {
    for (const state of JOB_STATES.filter(isOver)) {
      for (const event of JOB_EVENTS.filter((event) => event !== 'retry')) {
        assert.equal(nextState(state, event), undefined, `${state} on ${event}`);
      }
    }
    assert.equal(nextState('succeeded', 'retry'), undefined);
  });

  it('let every state that is not over be canceled', () => {
    for (const state of JOB_STATES.filter((state) => !isOver(state))) {
      assert.equal(nextState(state, 'cancel'), 'canceled');
    }
  });

  it('are those of the table in docs/queue.md', () => {
    const [head, ...rows] = tableUnder('## States', 'docs/queue.md');
    assert.deepEqual(head?.slice(1), [...JOB_EVENTS]);
    const table = JOB_STATES.map((state) => [state, ...JOB_EVENTS.map((event) => nextState(state, event) ?? '')]);
    assert.deepEqual(rows.toSorted(), table.toSorted());
  });
});

describe('retry policy', () => {
  const question = { retryable: true, attempts: 1, retryCount: 3, random: 1 };

  it('doubles the delay and bounds it at five minutes', () => {
    assert.deepEqual(
      [1, 2, 3].map((attempts) => retryDelayMs({ ...question, attempts })),
      [1_000, 2_000, 4_000],
    );
    assert.equal(retryDelayMs({ ...question, attempts: 20, retryCount: 20 }), 300_000);
  });

  it('spreads the delay over half of its length', () => {
    assert.equal(retryDelayMs({ ...question, random: 0 }), 500);
  });

  it('stops after the number of retries, and at errors that cannot pass', () => {
    assert.equal(retryDelayMs({ ...question, attempts: 4 }), undefined);
    assert.equal(retryDelayMs({ ...question, retryable: false }), undefined);
  });
});
