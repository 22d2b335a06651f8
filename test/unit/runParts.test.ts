import assert from 'node:assert/strict';

import { LakesideError } from '../../src/base/errors.ts';
import { SecretMask } from '../../src/base/secretMask.ts';
import { runState } from '../../src/store/runRows.ts';
import { draftPicture } from '../../src/studio/providers/draftPicture.ts';
import { fieldsOf, fillTemplate, placeholdersOf } from '../../src/studio/providers/command/commandTemplate.ts';
import { allowedEnvironment } from '../../src/studio/providers/command/commandProgram.ts';
import type { LiveProgress } from '../../src/protocol/values.ts';
import { fateOfPart, imageFileName } from '../../src/studio/runs/partStates.ts';
import { RunProgress } from '../../src/studio/runs/runProgress.ts';

describe('the parts of a run', () => {
  it('are looked for again wherever something may have been made or charged', () => {
    const passing = { retryable: true, category: 'provider', code: 'PROVIDER_AWAY' } as const;
    const lasting = { retryable: false, category: 'provider', code: 'PROVIDER_NONSENSE' } as const;
    const ours = { retryable: false, category: 'infra', code: 'EACCES' } as const;
    for (const stage of ['takeUp', 'observe', 'check', 'store'] as const)
      assert.equal(fateOfPart(stage, passing), 'keep');
    assert.equal(fateOfPart('store', lasting), 'keep');
    assert.equal(fateOfPart('takeUp', ours), 'keep');
    assert.equal(fateOfPart('check', { ...ours, code: 'IMAGE_LIBRARY_MISSING' }), 'keep');
    assert.equal(fateOfPart('check', { ...ours, code: 'ENOENT' }), 'reset');
    assert.equal(fateOfPart('submit', passing), 'reset');
    assert.equal(fateOfPart('observe', lasting), 'cancel');
    for (const stage of ['submit', 'takeUp', 'check'] as const) assert.equal(fateOfPart(stage, lasting), 'reset');
  });

  it('name their files by stage, variant and number, and by the format they truly have', () => {
    assert.equal(imageFileName(2, 1, 'png'), 'image-2-1.png');
    assert.equal(imageFileName(2, 3, 'jpeg'), 'image-2-3.jpg');
  });
});

describe('the progress of a run', () => {
  it('counts what is done of the images in the making', () => {
    const told: LiveProgress[] = [];
    const progress = new RunProgress([{ status: 'done' }, { status: 'pending' }], (now) => told.push(now));
    progress.set(2, 0.5, 'Sampler');
    progress.done(2);
    assert.deepEqual(
      told.map(({ share }) => share),
      [0.5, 0.75, 1],
    );
    assert.equal(told[1]?.text, 'image 2: Sampler, 50 %');
  });
});

describe('the state of a run', () => {
  it('is that of its job while that is active, then as it was left', () => {
    assert.equal(runState('failed', 'queued'), 'queued');
    assert.equal(runState('running', 'paused'), 'waiting');
    assert.equal(runState('succeeded', 'succeeded'), 'succeeded');
    assert.equal(runState('canceled', undefined), 'canceled');
    assert.equal(runState('running', 'failed'), 'failed');
    assert.equal(runState('running', undefined), 'failed');
  });
});

describe('the words of a command', () => {
  it('take values in their places, and never take a value apart', () => {
    const words = fillTemplate(['sd', '-p', '{prompt}', '--size={width}x{height}', '{"a":1}'], {
      ...{ prompt: '{width} "a b" $x', width: 512, height: 768 },
    });
    assert.deepEqual(words, ['sd', '-p', '{width} "a b" $x', '--size=512x768', '{"a":1}']);
  });

  it('refuse a value that is not there, also one that every object has', () => {
    for (const name of ['style', 'constructor', 'toString']) {
      assert.throws(
        () => fillTemplate([`{${name}}`], {}),
        (error) => error instanceof LakesideError && error.code === 'VALUE_MISSING',
      );
    }
    assert.throws(() => fillTemplate(['{prompt}'], { prompt: 'a\0b' }), LakesideError);
  });

  it('name what one can set', () => {
    const argv = ['sd', '{prompt}', '{steps}', '{clipSkip}', '{output}', '{steps}'];
    assert.deepEqual(placeholdersOf(argv), ['prompt', 'steps', 'clipSkip', 'output']);
    assert.deepEqual(
      fieldsOf(argv).map(({ name, label, type }) => [name, label, type]),
      [
        ['steps', 'Steps', 'integer'],
        ['clipSkip', 'Clip skip', 'text'],
      ],
    );
  });

  it('take braces that name nothing as they are, and any name as a name', () => {
    const odd = ['{', '}', '{}', '{{', '{ prompt }', '{prompt', 'a}b{c', '{__proto__}', '{1}', '{a-b}'];
    assert.deepEqual(placeholdersOf(odd), []);
    assert.deepEqual(fillTemplate(odd, { prompt: 'no' }), odd);
    assert.deepEqual(fillTemplate(['{{prompt}}'], { prompt: '{seed}' }), ['{{seed}}']);
    const names = ['constructor', 'toString', 'hasOwnProperty'];
    assert.deepEqual(
      fieldsOf(names.map((name) => `{${name}}`)).map((field) => [field.name, field.type]),
      names.map((name) => [name, 'text']),
    );
  });

  it('come with no more of the environment than was allowed', () => {
    const environment = { Path: '/bin', LC_ALL: 'C', HF_TOKEN: 'x', NODE_OPTIONS: '--x', MY_MODEL: 'm' };
    assert.deepEqual(allowedEnvironment(environment, ['my_model']), { Path: '/bin', LC_ALL: 'C', MY_MODEL: 'm' });
  });
});

describe('a draft', () => {
  it('hangs on seed, prompt and size alone', () => {
    const asked = { prompt: 'a lake', seed: 1, width: 64, height: 64 };
    assert.equal(draftPicture(asked), draftPicture({ ...asked }));
    for (const other of [{ prompt: 'a sea' }, { seed: 2 }, { width: 128 }]) {
      assert.notEqual(draftPicture(asked), draftPicture({ ...asked, ...other }));
    }
  });

  it('holds no letters that a font would have to draw, and nothing of the prompt', () => {
    const svg = draftPicture({ prompt: '<script>&"', seed: 1, width: 64, height: 64 });
    assert.ok(!/<text|script/.test(svg));
  });
});

describe('a secret', () => {
  it('is taken out of texts and errors, as it is and as an address writes it', () => {
    const mask = new SecretMask();
    mask.remember('sk/very secret');
    mask.remember('ab');
    assert.equal(mask.hide('sk/very secret or sk%2Fvery%20secret, about'), '… or …, about');
    const error = new LakesideError('A', 'provider', 'no secret here');
    assert.equal(mask.hideIn(error), error);
  });
});
