import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import type { Engine } from '../../src/engine.ts';
import { defaultSettings } from '../../src/protocol/settings.ts';
import { apply, engines, exists, put, scan } from '../support/engineOn.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

describe('the engine of a window whose workspace is not trusted', () => {
  const folder = temporaryFolder();
  const start = engines();
  const lake = (): string => join(folder(), 'lake');

  async function withPlan(): Promise<{ engine: Engine; plan: string; trust: (trusted: boolean) => Promise<void> }> {
    const engine = await start(join(folder(), 'data'));
    put(join(folder(), 'local'), 'a.safetensors', 'a');
    mkdirSync(lake());
    await engine.call('roots.add', { name: 'local', path: join(folder(), 'local') });
    await engine.call('roots.add', { name: 'lake', path: lake() });
    await scan(engine);
    const { plan } = await engine.call('plans.mirror', { from: 'local', to: 'lake' });
    const trust = async (trusted: boolean): Promise<void> => {
      await engine.call('engine.configure', { settings: defaultSettings(), trusted });
    };
    return { engine, plan, trust };
  }

  it('applies no plan, whichever face asks, until it is trusted', async () => {
    const { engine, plan, trust } = await withPlan();
    await trust(false);
    await assert.rejects(engine.call('plans.apply', { plan }), { code: 'WORKSPACE_UNTRUSTED', category: 'policy' });
    assert.ok(!exists(lake(), 'a.safetensors'));
    await trust(true);
    const { job } = await apply(engine, plan);
    assert.equal(job.status, 'succeeded');
    assert.ok(exists(lake(), 'a.safetensors'));
  });

  it('does not try an apply again, and still looks', async () => {
    const { engine, plan, trust } = await withPlan();
    const { job } = await engine.call('plans.apply', { plan });
    await engine.call('jobs.cancel', { id: job }).catch(() => undefined);
    await engine.call('jobs.wait', { ids: [job] });
    await trust(false);
    await assert.rejects(engine.call('jobs.retry', { id: job }), { code: 'WORKSPACE_UNTRUSTED' });
    const { counts } = await engine.call('library.diff', { from: 'local', to: 'lake' });
    assert.equal(counts.equal + counts.missing, 1);
    assert.equal(
      (await scan(engine)).every(({ status }) => status === 'succeeded'),
      true,
    );
  });
});
