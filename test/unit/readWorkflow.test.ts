import assert from 'node:assert/strict';
import * as fc from 'fast-check';

import { LakesideError } from '../../src/base/errors.ts';
import { BUILT_IN_WORKFLOWS } from '../../src/studio/workflows/builtIn.ts';
import { readWorkflow } from '../../src/studio/workflows/readWorkflow.ts';
import { pythonJson } from '../support/comfyuiRuns.ts';
import { picturePng } from '../support/pngBytes.ts';

const graph = BUILT_IN_WORKFLOWS[0]?.graph ?? {};

function read(value: unknown): unknown {
  return readWorkflow(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), '/a/b.json');
}

describe('reading a workflow', () => {
  it('takes the API format, and a request to /prompt', () => {
    assert.deepEqual(read(graph), graph);
    assert.deepEqual(read({ client_id: 'x', prompt: graph }), graph);
    assert.deepEqual(read(`\uFEFF${JSON.stringify(graph)}`), graph);
  });

  it('takes what a PNG of ComfyUI carries, NaN and all', () => {
    const text = pythonJson(graph).replace('"inputs"', '"is_changed": [NaN], "inputs"');
    const png = picturePng({ width: 8, height: 8, text: { prompt: text, workflow: '{"nodes": []}' } });
    assert.deepEqual(readWorkflow(png, '/a/b.png'), graph);
  });

  it('keeps the digits of a seed that no number holds', () => {
    const text = JSON.stringify(graph).replace('"seed":0', '"seed":18446744073709551615');
    const sampler = Object.values(readWorkflow(Buffer.from(text), '/a')).find(
      ({ class_type: kind }) => kind === 'KSampler',
    );
    assert.equal(sampler?.inputs.seed, '18446744073709551615');
  });

  const editor = { nodes: [{ id: 1, type: 'KSampler' }], links: [], version: 0.4 };
  for (const [what, bytes] of [
    ['a file of the editor', Buffer.from(JSON.stringify(editor))],
    [
      "an image with only the editor's workflow",
      picturePng({ width: 8, height: 8, text: { workflow: JSON.stringify(editor) } }),
    ],
  ] as const) {
    it(`says how to export the API format when it is given ${what}`, () => {
      assert.throws(
        () => readWorkflow(bytes, '/a/b'),
        (error: unknown) =>
          error instanceof LakesideError &&
          error.code === 'WORKFLOW_UI_FORMAT' &&
          error.message.includes('Workflow > Export (API)'),
      );
    });
  }

  for (const [what, value, said] of [
    ['no JSON', 'hello', /it is not JSON/],
    ['JSON of another kind', { a: 1 }, /JSON of another kind/],
    ['a list', [], /it is not JSON/],
    ['an empty graph', {}, /it has no nodes/],
  ] as const) {
    it(`says that ${what} is no workflow`, () => {
      assert.throws(
        () => read(value),
        (error: unknown) =>
          error instanceof LakesideError && error.code === 'NOT_A_WORKFLOW' && said.test(error.message),
      );
    });
  }

  it('says that an image carries none', () => {
    assert.throws(() => readWorkflow(picturePng({ width: 8, height: 8 }), '/a.png'), /carries no workflow/);
  });

  it('throws nothing but sentences, whatever it is given', () => {
    const png = picturePng({ width: 8, height: 8, text: { prompt: JSON.stringify(graph) } });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.json().map((text) => Buffer.from(text)),
        ),
        fc.nat(),
        (bytes, at) => {
          for (const input of [bytes, Buffer.concat([png.subarray(0, at % png.length), bytes])]) {
            try {
              readWorkflow(input, '/a');
            } catch (error) {
              assert.ok(error instanceof LakesideError, String(error));
            }
          }
        },
      ),
    );
  });
});
