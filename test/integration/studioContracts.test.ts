import assert from 'node:assert/strict';
import { join } from 'node:path';

import { USE_CASES, type UseCaseInput, type UseCaseName, type UseCaseOutput } from '../../src/protocol/useCases.ts';
import { engines } from '../support/engineOn.ts';
import { callStudio } from '../support/studioCalls.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

describe('the use cases of the studio', () => {
  const folder = temporaryFolder();
  const start = engines();
  const areas = /^(users|brands|projects|items|instructions|audits|overview|workflows|providers|runs|images)\./;

  it('answer what their contracts say, and nothing beside it', async () => {
    const engine = await start(join(folder(), 'data'));
    const called = new Set<string>();
    const call = async <K extends UseCaseName>(name: K, input: UseCaseInput<K>): Promise<UseCaseOutput<K>> => {
      called.add(name);
      const answer = await engine.call(name, input);
      assert.deepEqual(USE_CASES[name].output.parse(answer), answer, name);
      return answer;
    };
    await callStudio(call, folder());
    const all = Object.keys(USE_CASES).filter((name) => areas.test(name));
    assert.deepEqual(
      all.filter((name) => !called.has(name)),
      [],
    );
  });
});
