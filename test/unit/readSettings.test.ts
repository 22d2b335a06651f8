import assert from 'node:assert/strict';

import { readSettings, settingNames } from '../../src/host/readSettings.ts';
import { defaultSettings } from '../../src/protocol/settings.ts';

function read(values: Readonly<Record<string, unknown>>): ReturnType<typeof readSettings> {
  return readSettings((name) => values[name]);
}

describe('settings of the editor', () => {
  it('are the defaults where nothing is set', () => {
    assert.deepEqual(read({}), { settings: defaultSettings(), problems: [] });
  });

  it('are taken as given when they are right', () => {
    const values = {
      'local.root': '/models',
      'queue.concurrency': 2,
      roots: [{ name: 'old disk', path: '/old' }],
      'watch.mode': 'poll',
    };
    const { settings, problems } = read(values);
    assert.deepEqual(problems, []);
    assert.equal(settings['local.root'], '/models');
    assert.equal(settings['watch.mode'], 'poll');
    assert.deepEqual(settings.roots, [{ name: 'old disk', path: '/old', allowDelete: false, network: false }]);
  });

  it('fall back to the default one by one, and say what was expected', () => {
    const { settings, problems } = read({
      'queue.concurrency': 'many',
      'local.allowDelete': 'yes',
      'watch.mode': 'sometimes',
      'lake.root': '/lake',
      ignore: '**/*.tmp',
      roots: [{ name: 'x' }],
    });
    assert.equal(settings['queue.concurrency'], 1);
    assert.equal(settings['lake.root'], '/lake');
    assert.deepEqual(problems.map(({ message }) => message).sort(), [
      'The setting lakeside.ignore is "**/*.tmp", but a list of patterns is expected; the default is used.',
      'The setting lakeside.local.allowDelete is "yes", but true or false is expected; the default false is used.',
      'The setting lakeside.queue.concurrency is "many", but a whole number from 1 to 16 is expected; the default 1 is used.',
      'The setting lakeside.roots is [{"name":"x"}], but a list of {"name": …, "path": …} is expected; the default is used.',
      'The setting lakeside.watch.mode is "sometimes", but one of auto, events, poll, off is expected; the default "auto" is used.',
    ]);
  });

  it('shorten a value that would fill the screen', () => {
    const [problem] = read({ 'local.root': Array.from({ length: 1_000 }, () => 1) }).problems;
    assert.ok(problem !== undefined && problem.message.length < 250, problem?.message);
  });

  it('make no proxy of the editor travel to another thread', () => {
    const { settings } = read({ ignore: new Proxy(['a'], {}), roots: new Proxy([], {}) });
    assert.doesNotThrow(() => structuredClone(settings));
  });

  it('report something sensible for every setting', () => {
    for (const name of settingNames()) {
      const [problem] = read({ [name]: { wrong: true } }).problems;
      assert.match(problem?.message ?? '', /but .{5,} is expected; the default/, name);
      assert.doesNotMatch(problem?.message ?? '', /undefined|…$/, name);
    }
  });
});
