import assert from 'node:assert/strict';

import { dataDir, type DataDirSources } from '../../src/base/dataDir.ts';

function place(sources: Partial<DataDirSources>): string {
  return dataDir({ environment: {}, platform: 'linux', homeDir: '/home/ann', ...sources });
}

describe('the data dir', () => {
  it('is the one that was named, before all others', () => {
    assert.equal(place({ named: '/data/lakeside', environment: { APP_DATA_DIR: '/elsewhere' } }), '/data/lakeside');
  });

  it('is APP_DATA_DIR where none was named', () => {
    assert.equal(place({ named: ' ', environment: { APP_DATA_DIR: '/elsewhere/' } }), '/elsewhere/');
  });

  it('is below XDG_DATA_HOME on Linux, or below ~/.local/share', () => {
    assert.equal(place({ environment: { XDG_DATA_HOME: '/xdg' } }), '/xdg/lakeside');
    assert.equal(place({ environment: { XDG_DATA_HOME: 'relative' } }), '/home/ann/.local/share/lakeside');
  });

  it('is in Application Support on macOS', () => {
    assert.equal(
      place({ platform: 'darwin', homeDir: '/Users/ann' }),
      '/Users/ann/Library/Application Support/lakeside',
    );
  });

  it('is local, never roaming, on Windows', () => {
    const homeDir = String.raw`C:\Users\ann`;
    const environment = { LOCALAPPDATA: String.raw`C:\Users\ann\AppData\Local` };
    const expected = String.raw`C:\Users\ann\AppData\Local\lakeside`;
    assert.equal(place({ platform: 'win32', homeDir, environment }), expected);
    assert.equal(place({ platform: 'win32', homeDir }), expected);
  });

  it('takes ~ for the home folder', () => {
    assert.equal(place({ named: '~' }), '/home/ann');
    assert.equal(place({ named: '~/models data' }), '/home/ann/models data');
    assert.equal(
      place({ named: String.raw`~\data`, platform: 'win32', homeDir: String.raw`C:\Users\ann` }),
      String.raw`C:\Users\ann\data`,
    );
  });

  it('refuses a relative path in a sentence that names who gave it', () => {
    assert.throws(() => place({ named: 'data' }), {
      code: 'DATA_DIR_NOT_ABSOLUTE',
      message: /lakeside\.dataDir is "data"/,
    });
    assert.throws(() => place({ environment: { APP_DATA_DIR: './data' } }), { message: /APP_DATA_DIR is "\.\/data"/ });
  });
});
