import assert from 'node:assert/strict';

import { Dispatcher } from '../../src/app/dispatcher.ts';
import type { Implementations } from '../../src/app/implementations.ts';
import { USE_CASES } from '../../src/protocol/useCases.ts';
import { AnswerStore } from '../../src/store/answerStore.ts';
import { openDatabase } from '../../src/store/openDatabase.ts';
import { ManualClock } from '../support/manualClock.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { storeOptions } from '../support/testStore.ts';

describe('a command with a key', () => {
  const folder = temporaryFolder();

  it('succeeds also where another process writes at the instant its answer is to be kept', async () => {
    const clock = new ManualClock();
    const [database, other] = [
      openDatabase(storeOptions(folder(), clock)),
      openDatabase(storeOptions(folder(), clock)),
    ];
    try {
      let done = 0;
      const never = (): Promise<never> => Promise.reject(new Error('not in this test'));
      const implementations: Implementations = {
        ...(Object.fromEntries(Object.keys(USE_CASES).map((name) => [name, never])) as unknown as Implementations),
        'jobs.clear': () => {
          other.exec('BEGIN IMMEDIATE');
          return { removed: ++done };
        },
      };
      const dispatcher = new Dispatcher({ implementations, answers: new AnswerStore(database), clock });
      const answer = dispatcher.call('jobs.clear', {}, { idempotencyKey: 'press-1' });
      await clock.advance(0);
      other.exec('COMMIT');
      await clock.advance(1_000);
      assert.deepEqual(await answer, { removed: 1 });
      assert.deepEqual(await dispatcher.call('jobs.clear', {}, { idempotencyKey: 'press-1' }), { removed: 1 });
    } finally {
      database.close();
      other.close();
    }
  });
});
