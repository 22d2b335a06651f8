import assert from 'node:assert/strict';
import { z } from 'zod';
import { type DemoFile, demoPairs } from '../../scripts/demo/demoLibrary.ts';

const headerSchema = z
  .object({ __metadata__: z.record(z.string(), z.string()) })
  .catchall(z.object({ dtype: z.literal('F16'), data_offsets: z.tuple([z.int(), z.int()]) }));

function filesOf(side: 'local' | 'lake'): DemoFile[] {
  return demoPairs().flatMap((pair) => pair[side] ?? []);
}

describe('the demo library', () => {
  it('is the same for the same seed and another for another', () => {
    assert.deepEqual(demoPairs(7), demoPairs(7));
    assert.notDeepEqual(demoPairs(7)[0], demoPairs(8)[0]);
  });

  it('has hundreds of files in which every state occurs several times', () => {
    const pairs = demoPairs();
    assert.ok(pairs.length >= 250, `${pairs.length} pairs`);
    for (const state of ['equal', 'missing', 'extra', 'different', 'moved'] as const) {
      assert.ok(pairs.filter((pair) => pair.state === state).length >= 5, state);
    }
  });

  it('names each file once in each root', () => {
    for (const side of ['local', 'lake'] as const) {
      const paths = filesOf(side).map((file) => file.path.toLowerCase());
      assert.equal(new Set(paths).size, paths.length);
    }
  });

  it('holds valid safetensors: a JSON header, tensors without holes, nothing behind them', () => {
    const models = filesOf('local').filter((file) => file.path.endsWith('.safetensors'));
    for (const { path, bytes } of models) {
      const length = Number(bytes.readBigUInt64LE());
      const header = headerSchema.parse(JSON.parse(bytes.subarray(8, 8 + length).toString()));
      const { __metadata__: _, ...tensors } = header;
      let end = 0;
      for (const { data_offsets: offsets } of Object.values(tensors)) {
        assert.equal(offsets[0], end, path);
        end = offsets[1];
      }
      assert.equal(8 + length + end, bytes.length, path);
    }
  });

  it('gives some models a preview and notes', () => {
    const paths = filesOf('local').map((file) => file.path);
    assert.ok(paths.filter((path) => path.endsWith('.preview.png')).length > 20);
    assert.ok(paths.filter((path) => path.endsWith('.civitai.info')).length > 20);
  });
});
