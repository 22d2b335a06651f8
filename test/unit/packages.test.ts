import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';

import { projectDir } from '../support/projectDir.ts';

const SOURCES = ['{src,webview,scripts}/**/*.{ts,tsx,mjs,css}', 'test/*/**/*.{ts,mjs}', 'eslint.config.mjs'];

/** Whether a package is named as a whole between quotes or slashes: an import, a path, a program. */
function isNamed(name: string, texts: readonly string[]): boolean {
  // No package has a name with signs that mean something in a pattern.
  const named = new RegExp(`['"\`/]${name}['"\`/]`);
  return texts.some((text) => named.test(text));
}

describe('the packages', () => {
  const { devDependencies } = z
    .object({ devDependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync(path.join(projectDir, 'package.json'), 'utf8')));

  it('are used, every one', () => {
    const files = globSync(SOURCES, { cwd: projectDir, exclude: ['**/node_modules', 'test/unit/packages.test.ts'] });
    const texts = files.map((file) => readFileSync(path.join(projectDir, file), 'utf8'));
    const unused = Object.keys(devDependencies).filter((name) => {
      const of = name.replace(/^@types\//, '');
      return of === 'node' || of === 'mocha' ? false : !isNamed(of, texts);
    });
    assert.deepEqual(unused, []);
  });

  it('are of exact versions', () => {
    const loose = Object.entries(devDependencies).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version));
    assert.deepEqual(loose, []);
  });

  it('come from whatever registry one has: the lock files name none', () => {
    for (const lock of ['package-lock.json', 'test/host/server/package-lock.json']) {
      assert.doesNotMatch(readFileSync(path.join(projectDir, lock), 'utf8'), /"resolved"/, lock);
    }
  });
});
