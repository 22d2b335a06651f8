import assert from 'node:assert/strict';

import type { InputField, MergedPrompt } from '../../src/protocol/studioValues.ts';
import { mergePrompt } from '../../src/studio/mergePrompt.ts';
import {
  bindingProblem,
  bindingRows,
  bindingsOf,
  inputKey,
  inputLabel,
  suits,
  unboundNames,
} from '../../webview/item/bindingModel.ts';
import {
  chosenProvider,
  chosenWorkflow,
  generateBlock,
  generateLabel,
  providerCondition,
  sentPieces,
  settingFields,
  takes,
  valuesToSend,
  valuesWithoutField,
} from '../../webview/item/itemModel.ts';
import { afterImages } from '../../webview/item/runModel.ts';
import { formatWhen } from '../../webview/shared/formatting.ts';
import { readNumber } from '../../webview/shared/readNumber.ts';
import { progressShare, runSentence } from '../../webview/shared/runWords.ts';
import { COMFYUI, comfyuiFields, DRAFT, SCRIPT } from '../support/fakeItemHost.ts';
import { madeUpRun, NOW } from '../support/madeUpRuns.ts';

const workflow = { id: 'w', name: 'W', builtIn: true, bindings: [], nodes: 3 };
const ready = {
  providers: [COMFYUI, SCRIPT, DRAFT],
  provider: COMFYUI,
  workflow,
  workflows: [workflow],
  fields: comfyuiFields,
  merged: undefined,
  draft: { prompt: 'a' },
  trusted: true,
};

describe('the prompt that will be sent', () => {
  const origins = (merged: MergedPrompt): string[] => sentPieces(merged).map(({ from, text }) => `${from}: ${text}`);

  it('is cut where its origin changes, and loses nothing', () => {
    const merged = mergePrompt({
      prompt: 'a cat\n\nstyle: oil',
      item: 'on a chair',
      brand: 'style: flat\nwarm light\nnegative: logos',
      voice: 'calm',
    });
    assert.deepEqual(origins(merged), [
      'prompt: a cat\n\nstyle: oil,',
      'item: on a chair,',
      'brand: warm light,',
      'voice: calm',
    ]);
    const joined = sentPieces(merged).map(({ text }) => text);
    assert.equal(joined.join('\n'), merged.prompt);
  });

  it('is nothing where nothing was written', () => {
    assert.deepEqual(sentPieces(mergePrompt({})), []);
  });

  it('is shown also where no part owns to a line', () => {
    assert.deepEqual(sentPieces({ prompt: 'a', negative: '', parts: [] }), [{ from: undefined, text: 'a' }]);
  });
});

describe('what the editor generates with', () => {
  const away = { ...COMFYUI, available: false };

  it('is the provider chosen, else the first that can work, else the first', () => {
    assert.equal(chosenProvider([away, DRAFT], {})?.name, 'Draft');
    assert.equal(chosenProvider([away, DRAFT], { provider: 'ComfyUI' })?.name, 'ComfyUI');
    assert.equal(chosenProvider([away], {})?.name, 'ComfyUI');
    assert.equal(chosenProvider([away, DRAFT], { provider: 'Gone' }), undefined);
  });

  it('has a workflow only where the provider runs one', () => {
    assert.equal(chosenWorkflow([workflow], {}, COMFYUI)?.id, 'w');
    assert.equal(chosenWorkflow([workflow], { workflow: 'w' }, DRAFT), undefined);
    assert.equal(chosenWorkflow([workflow], { workflow: 'gone' }, COMFYUI), undefined);
  });

  it('keeps values of fields the provider has not, and does not send them', () => {
    const fields: InputField[] = [{ name: 'steps', label: 'Steps', type: 'integer' }];
    const values = { steps: 20, clip_skip: 2 };
    assert.deepEqual(valuesWithoutField(values, fields), [{ name: 'clip_skip', value: 2 }]);
    assert.deepEqual(valuesToSend(values, fields), { steps: 20 });
    assert.deepEqual(valuesToSend(values, undefined), values);
  });

  it('gives prompt, negative and seed places of their own', () => {
    assert.deepEqual(
      settingFields(comfyuiFields)
        .map(({ name }) => name)
        .slice(0, 2),
      ['model', 'width'],
    );
  });

  it('says why nothing can be generated', () => {
    assert.equal(generateBlock(ready), undefined);
    assert.match(generateBlock({ ...ready, providers: undefined }) ?? '', /Looking/);
    assert.match(generateBlock({ ...ready, provider: undefined, draft: { provider: 'Old' } }) ?? '', /called Old/);
    assert.match(generateBlock({ ...ready, provider: SCRIPT, workflow: undefined, trusted: false }) ?? '', /trusted/);
    assert.match(generateBlock({ ...ready, workflow: undefined, workflows: [] }) ?? '', /Import one/);
    assert.match(generateBlock({ ...ready, draft: { prompt: ' ' } }) ?? '', /Write a prompt/);
    const merged = mergePrompt({ brand: 'flat' });
    assert.equal(generateBlock({ ...ready, draft: {}, merged }), undefined);
  });

  it('believes a workflow what it takes, and every other provider that it takes a prompt', () => {
    assert.equal(takes(COMFYUI, comfyuiFields, 'negative'), true);
    assert.equal(takes(COMFYUI, [], 'negative'), false);
    assert.equal(takes(DRAFT, [], 'prompt'), true);
    assert.match(generateBlock({ ...ready, provider: DRAFT, fields: [], draft: {} }) ?? '', /Write a prompt/);
    assert.equal(generateBlock({ ...ready, provider: SCRIPT, fields: [], draft: {} }), undefined);
  });

  it('names the number of images', () => {
    assert.equal(generateLabel(1), 'Generate');
    assert.equal(generateLabel(12), 'Generate 12 images');
  });

  it('says whether a provider can work, and if not, why', () => {
    assert.equal(providerCondition(COMFYUI, false).kind, 'ready');
    const { available: _available, ...unasked } = COMFYUI;
    assert.equal(providerCondition(unasked, true).kind, 'checking');
    const problem = { code: 'PROVIDER_AWAY', category: 'provider', message: 'It does not answer.' } as const;
    assert.deepEqual(providerCondition({ ...COMFYUI, available: false, problem }, false), {
      kind: 'away',
      text: 'It does not answer.',
      code: 'PROVIDER_AWAY',
    });
  });
});

describe('bindings', () => {
  const input = { node: '3', title: 'KSampler', input: 'seed', type: 'integer', value: 42 } as const;
  const text = { node: '6', title: 'Positive', input: 'text', type: 'text', value: 'a '.repeat(40) } as const;

  it('are named as the graph names them, long values cut', () => {
    assert.equal(inputLabel(input), 'KSampler (3) › seed = 42');
    assert.match(inputLabel(text), /^Positive \(6\) › text = (a )+a…$/);
  });

  it('are rows in the order one thinks of them, and bindings again', () => {
    const bindings = [
      { name: 'seed', node: '3', input: 'seed', type: 'integer' as const },
      { name: 'prompt', node: '6', input: 'text', type: 'text' as const },
    ];
    const rows = bindingRows({ bindings });
    assert.deepEqual(
      rows.map(({ name }) => name),
      ['prompt', 'seed'],
    );
    assert.deepEqual(bindingsOf(rows, [input, text]).toReversed(), bindings);
    assert.equal(unboundNames(rows).includes('seed'), false);
  });

  it('leave out what names no input, and take the type of the input', () => {
    const rows = [
      { name: 'steps', key: '' },
      { name: 'seed', key: inputKey(input) },
      { name: 'cfg', key: '["99","gone"]' },
    ];
    assert.deepEqual(bindingsOf(rows, [input]), [{ name: 'seed', node: '3', input: 'seed', type: 'integer' }]);
  });

  it('may not set one input twice', () => {
    const key = inputKey(input);
    assert.match(
      bindingProblem([
        { name: 'seed', key },
        { name: 'steps', key },
      ]) ?? '',
      /^Seed and Steps set the same/,
    );
    assert.equal(
      bindingProblem([
        { name: 'lora', key: '' },
        { name: 'lora', key: '' },
      ]),
      undefined,
    );
  });

  it('fit by type, and names of one’s own fit anything', () => {
    assert.equal(suits('prompt', 'text'), true);
    assert.equal(suits('prompt', 'integer'), false);
    assert.equal(suits('eyes', 'boolean'), true);
  });
});

describe('a run in words', () => {
  it('says how it stands', () => {
    const at = (change: Parameters<typeof madeUpRun>[0]): string => runSentence(madeUpRun(change), NOW);
    assert.equal(at({ id: 'a' }), '4 images in 18 s');
    assert.equal(at({ id: 'a', status: 'queued' }), '4 images, waiting for its turn');
    assert.equal(at({ id: 'a', status: 'waiting', waitingFor: 'Lake is away.' }), 'Lake is away.');
    assert.equal(at({ id: 'a', status: 'running', images: 1, startedAt: NOW - 5_000 }), '1 of 4 images, 5 s');
    assert.equal(at({ id: 'a', status: 'failed', images: 0 }), 'No image was kept');
    assert.equal(at({ id: 'a', status: 'canceled', images: 2 }), '2 of 4 images kept');
  });

  it('measures its progress by what is said of it, else by bytes where there are any, else by things', () => {
    assert.equal(progressShare(undefined), undefined);
    assert.equal(progressShare({ doneItems: 0, totalItems: 1, doneBytes: 0, totalBytes: null, share: 0.55 }), 0.55);
    assert.equal(progressShare({ doneItems: 1, totalItems: 4, doneBytes: 0, totalBytes: null }), 0.25);
    assert.equal(progressShare({ doneItems: 1, totalItems: 4, doneBytes: 9, totalBytes: 10 }), 0.9);
    assert.equal(progressShare({ doneItems: 1, totalItems: null, doneBytes: 0, totalBytes: null }), undefined);
  });

  it('drops the previews of the parts that are done', () => {
    const previews = [
      { part: 2, uri: 'b' },
      { part: 1, uri: 'a' },
    ];
    assert.deepEqual(afterImages(previews, 0), previews);
    assert.deepEqual(afterImages(previews, 1), [{ part: 2, uri: 'b' }]);
  });

  it('tells the time as short as it is clear', () => {
    assert.equal(formatWhen(NOW - 60_000, NOW), '14:29');
    assert.equal(formatWhen(NOW - 86_400_000, NOW), '20 Nov, 14:30');
    assert.match(formatWhen(NOW - 400 * 86_400_000, NOW), /17 Oct 2025, 14:30/);
  });
});

describe('a number that is typed', () => {
  it('is read, or said to be wrong', () => {
    assert.deepEqual(readNumber(' ', {}), {});
    assert.deepEqual(readNumber('6.5', { min: 0, max: 30 }), { value: 6.5 });
    assert.deepEqual(readNumber('6.5', { whole: true }), { problem: 'A whole number' });
    assert.deepEqual(readNumber('-1', { min: 0 }), { problem: 'At least 0' });
    assert.deepEqual(readNumber('31', { max: 30 }), { problem: 'At most 30' });
    assert.deepEqual(readNumber('1e', {}), { problem: 'Not a number' });
  });
});
