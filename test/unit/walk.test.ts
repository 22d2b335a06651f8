import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import fc from 'fast-check';

import { nativeFile } from '../../src/base/installation.ts';
import { compareRelpaths } from '../../src/base/relpath.ts';
import { AbsenceCheck } from '../../src/library/absence.ts';
import { compileIgnoreRules } from '../../src/library/ignoreRules.ts';
import { statFiles } from '../../src/library/statFiles.ts';
import { Walk } from '../../src/library/walk.ts';
import { defaultSettings } from '../../src/protocol/settings.ts';
import type { Problem } from '../../src/protocol/values.ts';
import { codesOf } from '../support/libraryRoot.ts';
import { file, type MemoryEntry, MemoryLayer } from '../support/memoryLayer.ts';

const ignore = compileIgnoreRules(defaultSettings().ignore, 'linux');

interface Found {
  readonly files: string[];
  readonly problems: Problem[];
  readonly kept: string[];
  readonly incomplete: string[];
  readonly vanished: string[];
  readonly mtimes: number[];
}

function walk(layer: MemoryLayer, stopAfter = Number.POSITIVE_INFINITY): Found & { finished: boolean } {
  const found: Found = { files: [], problems: [], kept: [], incomplete: [], vanished: [], mtimes: [] };
  const listed: string[] = [];
  const sink = {
    file: (relpath: string) => listed.push(relpath),
    problem: (problem: Problem) => found.problems.push(problem),
    keep: (relpath: string) => found.kept.push(relpath),
    incomplete: (folder: string, listed: readonly string[]) =>
      found.incomplete.push(`${folder}: ${listed.toSorted().join(' ')}`),
    vanished: (relpath: string) => found.vanished.push(relpath),
    shouldStop: () => listed.length >= stopAfter,
  };
  const finished = new Walk({ layer, rootPath: '/root', ignore, sink }).folder('');
  const looked = statFiles(
    { relpaths: listed.join('\0'), problems: found.problems, kept: found.kept, incomplete: [] },
    { layer, rootPath: '/root', vanished: sink.vanished },
  );
  return {
    ...found,
    files: looked.relpaths === '' ? [] : looked.relpaths.split('\0'),
    mtimes: [...looked.mtimes],
    problems: [...looked.problems],
    kept: [...looked.kept],
    finished,
  };
}

function tree(...relpaths: string[]): MemoryLayer {
  return new MemoryLayer(Object.fromEntries(relpaths.map((relpath) => [`/root/${relpath}`, file()])));
}

describe('a walk', () => {
  it('gives files in the order of the index, in which a folder sorts as its name with a slash', () => {
    const { files } = walk(tree('a/x', 'a.txt', 'a-b', 'a0', 'a/b/c', 'Z', 'é', '\u{1F600}', '\uFF21'));
    assert.deepEqual(files, ['Z', 'a-b', 'a.txt', 'a/b/c', 'a/x', 'a0', 'é', '\uFF21', '\u{1F600}']);
  });

  it("gives any names in the order of SQLite's BINARY collation", () => {
    const database = new Database(':memory:', { nativeBinding: nativeFile('better-sqlite3.node') });
    database.exec('CREATE TABLE names (name TEXT PRIMARY KEY) WITHOUT ROWID');
    const segment = fc
      .string({
        unit: fc.constantFrom('a', 'B', '-', '.', '0', ' ', 'é', '\uFB01', '\u{1F600}', '\u{10000}'),
        minLength: 1,
        maxLength: 3,
      })
      .filter((name) => !name.startsWith('.'));
    const relpath = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/'));
    fc.assert(
      fc.property(fc.uniqueArray(relpath, { minLength: 1, maxLength: 30 }), (candidates) => {
        // A name cannot be both a file and a folder.
        const relpaths = candidates.filter((path) => !candidates.some((other) => other.startsWith(`${path}/`)));
        database.exec('DELETE FROM names');
        const insert = database.prepare('INSERT INTO names VALUES (?)');
        for (const path of relpaths) insert.run(path);
        const sorted = database.prepare('SELECT name FROM names ORDER BY name').pluck().all();
        assert.deepEqual(walk(tree(...relpaths)).files, sorted);
        assert.deepEqual(relpaths.toSorted(compareRelpaths), sorted);
      }),
    );
    database.close();
  });

  it('rounds file times down to whole milliseconds, also before 1970', () => {
    const layer = new MemoryLayer({ '/root/a': file(1, 1_700_000_000_122.99), '/root/b': file(1, -0.5) });
    assert.deepEqual(walk(layer).mtimes, [1_700_000_000_122, -1]);
  });

  it("leaves out Lakeside's own folder, the sources file and what the patterns name", () => {
    const { files } = walk(
      tree(
        '.lakeside/root.json',
        '.Lakeside/x',
        '.model_sources.json',
        'loras/.git/config',
        'loras/a.partial',
        'loras/a',
      ),
    );
    assert.deepEqual(files, ['loras/a']);
  });

  it('reports an unreadable folder and keeps what is known below it', () => {
    const layer = tree('a/x', 'b/y');
    layer.faults.set('list /root/a', 'EACCES');
    const { files, kept, problems } = walk(layer);
    assert.deepEqual({ files, kept }, { files: ['b/y'], kept: ['a'] });
    assert.deepEqual(codesOf(problems), ['FOLDER_UNREADABLE a']);
    assert.match(problems[0]?.message ?? '', /\/root\/a.*permission was denied/);
  });

  it('reports an unreadable file and keeps what is known of it', () => {
    const layer = tree('a', 'b');
    layer.faults.set('stat /root/a', 'EIO');
    const { files, kept, problems } = walk(layer);
    assert.deepEqual({ files, kept }, { files: ['b'], kept: ['a'] });
    assert.deepEqual(codesOf(problems), ['FILE_UNREADABLE a']);
  });

  it('takes a file that vanishes after it was listed as absent', () => {
    const layer = tree('a', 'b');
    layer.onCall = (call) => {
      if (call === 'stat /root/a') layer.entries.delete('/root/a');
    };
    const { files, vanished, problems } = walk(layer);
    assert.deepEqual({ files, vanished, problems }, { files: ['b'], vanished: ['a'], problems: [] });
  });

  it('takes a folder that vanishes after it was listed as absent', () => {
    const layer = tree('a/x', 'b');
    layer.faults.set('list /root/a', 'ENOENT');
    const { files, vanished, kept } = walk(layer);
    assert.deepEqual({ files, vanished, kept }, { files: ['b'], vanished: ['a'], kept: [] });
  });

  it('throws when the root itself cannot be listed', () => {
    const layer = tree('a');
    layer.faults.set('list /root', 'ENOENT');
    assert.throws(() => walk(layer), { code: 'ENOENT' });
  });

  it('never takes a folder with a name that is not Unicode for complete', () => {
    const { files, incomplete, problems } = walk(tree('a/\uFFFDx', 'a/b/c', 'a/d'));
    assert.deepEqual({ files, incomplete }, { files: ['a/b/c', 'a/d'], incomplete: ['a: b'] });
    assert.deepEqual(codesOf(problems), ['NAME_NOT_UNICODE a/\uFFFDx']);
  });

  it('indexes names that differ only in case or Unicode form, and says so', () => {
    const { files, problems } = walk(tree('A', 'a', 'e\u0301', '\u00e9'));
    assert.deepEqual(files, ['A', 'a', 'e\u0301', '\u00e9']);
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['NAME_COLLISION', 'NAME_COLLISION'],
    );
  });

  it('stops soon after it is told to', () => {
    const relpaths = Array.from({ length: 2_000 }, (_, index) => `f${index}`);
    const { files, finished } = walk(tree(...relpaths), 300);
    assert.equal(finished, false);
    assert.ok(files.length < 600);
  });
});

describe('a link', () => {
  const link = (target: string | undefined): MemoryEntry => ({ kind: 'link', target });
  const withLink = (target: string | undefined): MemoryLayer => {
    const layer = tree('a/x');
    layer.entries.set('/root/l', link(target));
    return layer;
  };

  it('into the root is left out without a word, for its content is indexed where it lies', () => {
    for (const target of ['/root/a', '/root/a/x', '/root']) {
      const { files, problems, kept } = walk(withLink(target));
      assert.deepEqual({ files, problems, kept }, { files: ['a/x'], problems: [], kept: [] });
    }
  });

  it('out of the root is not followed, is reported, and keeps what was known there', () => {
    const { files, problems, kept } = walk(withLink('/rooty'));
    assert.deepEqual(
      { files, kept, codes: codesOf(problems) },
      { files: ['a/x'], kept: ['l'], codes: ['LINK_OUTSIDE l'] },
    );
  });

  it('that leads nowhere is reported, and keeps what was known there', () => {
    const { kept, problems } = walk(withLink(undefined));
    assert.deepEqual({ kept, codes: codesOf(problems) }, { kept: ['l'], codes: ['LINK_BROKEN l'] });
  });

  it('by an ignored name is not looked at', () => {
    const layer = tree('a');
    layer.entries.set('/root/.cache', link('/elsewhere'));
    assert.deepEqual(walk(layer).problems, []);
  });

  it('that is none after all, as cloud files on Windows, is what it is', () => {
    const layer = tree('a/x');
    const list = layer.list.bind(layer);
    layer.list = (path) => {
      const { files, folders } = list(path);
      return { files: [], folders: [], links: [...files, ...folders] };
    };
    layer.entries.set('/root/a', { kind: 'folder' });
    assert.deepEqual(walk(layer).files, ['a/x']);
  });
});

describe('the check for absence', () => {
  const check = (layer: MemoryLayer): AbsenceCheck => new AbsenceCheck(layer, '/root', ignore);

  it('believes that what no folder lists is gone, and that what is ignored counts as gone', () => {
    const layer = tree('a/x', 'a/y.partial');
    const relpaths = ['a/x', 'a/z', 'b/x', 'a/X', 'A/x', 'a/y.partial'];
    assert.deepEqual(
      relpaths.map((relpath) => check(layer).isAbsent(relpath)),
      [false, true, true, true, true, true],
    );
  });

  it('believes nothing of folders that cannot be read, or hold names that are not Unicode', () => {
    const layer = tree('a/x', 'b/\uFFFD');
    layer.faults.set('list /root/a', 'EIO');
    assert.equal(check(layer).isAbsent('a/gone'), false);
    assert.equal(check(layer).isAbsent('b/gone'), false);
    assert.equal(check(layer).isAbsent('b/sub/gone'), false);
  });

  it('believes nothing behind a link out of the root', () => {
    const layer = tree('a/x');
    layer.entries.set('/root/l', { kind: 'link', target: '/elsewhere' });
    assert.equal(check(layer).isAbsent('l/x'), false);
    assert.equal(check(layer).isAbsent('l'), false);
    assert.equal(check(layer).folder('l'), 'unknown');
  });

  it('takes what lies behind a link into the root as gone from there', () => {
    const layer = tree('a/x');
    layer.entries.set('/root/l', { kind: 'link', target: '/root/a' });
    assert.equal(check(layer).isAbsent('l/x'), true);
    assert.equal(check(layer).folder('l'), 'gone');
    assert.equal(check(layer).folder('a'), 'there');
  });
});
