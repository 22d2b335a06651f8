import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { houseFindings } from '../support/house/houseFindings.ts';
import { projectDir } from '../support/projectDir.ts';

/** Findings in one made-up file, beside one that it may import. */
function findingsIn(file: string, text: string): string[] {
  return houseFindings(
    new Map([
      [file, text],
      ['src/base/clock.ts', 'export const now = 1;'],
    ]),
  );
}

function assertRefused(file: string, text: string, reason: RegExp): void {
  const findings = findingsIn(file, text);
  assert.equal(findings.length, 1, `${file}: ${text}\n${findings.join('\n')}`);
  assert.match(findings[0] ?? '', reason);
}

describe('the house', () => {
  it('is kept by every source in src/ and webview/', function () {
    // It parses all there is, which takes long on a machine that is busy.
    this.timeout(60_000);
    const files = globSync('{src,webview}/**/*.{ts,tsx}', { cwd: projectDir }).map((file) =>
      file.replaceAll('\\', '/'),
    );
    assert.ok(files.length > 10, 'hardly any source was found');
    const texts = new Map(files.map((file) => [file, readFileSync(path.join(projectDir, file), 'utf8')]));
    assert.deepEqual(houseFindings(texts), []);
    // It parses every source: on a busy machine that takes its time.
  }).timeout(120_000);

  it('accepts an import it has a door for', () => {
    assert.deepEqual(findingsIn('src/store/a.ts', "import { now } from '../base/clock.ts';"), []);
    assert.deepEqual(findingsIn('src/host/trees/a.ts', "import * as vscode from 'vscode';"), []);
    assert.deepEqual(findingsIn('webview/plan/main.tsx', "import { call } from '../shared/call.ts';"), []);
  });

  it('refuses an import that goes up the house', () => {
    const rows: [file: string, imported: string][] = [
      ['src/base/a.ts', '../protocol/values.ts'],
      ['src/store/a.ts', '../library/diff.ts'],
      ['src/library/a.ts', '../studio/brand.ts'],
      ['src/transfer/a.ts', '../studio/brand.ts'],
      ['src/host/trees/a.ts', '../../library/diff.ts'],
      ['src/cli/a.ts', '../store/rootStore.ts'],
      ['src/app/a.ts', '../host/status.ts'],
      ['webview/plan/a.tsx', '../../src/library/diff.ts'],
      ['webview/plan/a.tsx', '../models/row.ts'],
    ];
    for (const [file, imported] of rows) assertRefused(file, `import { x } from '${imported}';`, /imports/);
  });

  it('sees imports of types, dynamic imports and handed-on exports', () => {
    assertRefused('src/base/a.ts', "import type { X } from '../store/x.ts';", /\(base\) imports/);
    assertRefused('src/base/a.ts', "export const x = () => import('../store/x.ts');", /\(base\) imports/);
    assertRefused('src/base/a.ts', "export { x } from '../store/x.ts'; export const y = 1;", /\(base\) imports/);
    assertRefused('src/base/a.ts', "export let x: import('../store/x.ts').X;", /\(base\) imports/);
  });

  it('refuses packages outside their place', () => {
    assertRefused('src/library/a.ts', "import * as vscode from 'vscode';", /vscode/);
    assertRefused('src/engine.ts', "import Database from 'better-sqlite3';", /store/);
    assertRefused('src/host/a.ts', "import { useState } from 'react';", /webview/);
    assertRefused('webview/plan/a.ts', "import { join } from 'node:path';", /webview/);
  });

  it('refuses Node in a webview, however it would get there', () => {
    const webview = new Map([
      ['webview/plan/a.ts', "import { b } from '../../src/protocol/b.ts';"],
      ['src/protocol/b.ts', "import type { c } from '../base/c.ts'; export const b = 1;"],
      ['src/base/c.ts', "import { sep } from 'node:path'; export const c = sep;"],
    ]);
    assert.deepEqual(houseFindings(webview), ['src/base/c.ts is loaded by a webview and imports node:path']);
  });

  it('refuses an import without its extension, which Node could not load', () => {
    assertRefused('src/store/a.ts', "import { now } from '../base/clock';", /extension/);
  });

  it('refuses imports in a circle', () => {
    const circle = new Map([
      ['src/base/a.ts', "import { b } from './b.ts'; export const a = b;"],
      ['src/base/b.ts', "import { c } from './c.ts'; export const b = c;"],
      ['src/base/c.ts', "import type { a } from './a.ts'; export const c: typeof a = 1;"],
    ]);
    assert.deepEqual(houseFindings(circle), ['src/base/a.ts → src/base/b.ts → src/base/c.ts → src/base/a.ts']);
  });

  it('refuses default exports, barrels and empty names', () => {
    assertRefused('src/base/a.ts', 'export default 1;', /default/);
    assertRefused('src/base/a.ts', 'export default function a() {}', /default/);
    assertRefused('src/base/a.ts', 'const a = 1; export { a as default };', /default/);
    assertRefused('src/base/a.ts', "export * from './clock.ts'; export const b = 1;", /hands on/);
    assertRefused('src/base/a.ts', "export { now } from './clock.ts';", /hands on/);
    assertRefused('src/base/utils.ts', '', /name/);
    assertRefused('src/library/helpers/a.ts', '', /name/);
    assertRefused('src/base/pathHelper.ts', '', /name/);
    assertRefused('src/base/a.ts', '\n'.repeat(400), /lines/);
  });

  it('refuses SQL outside the store, in either case, and leaves sentences alone', () => {
    for (const sql of ['select a from b', 'SELECT a\nFROM b', 'insert or ignore into b values (1)', 'pragma x']) {
      assertRefused('src/queue/a.ts', `export const sql = \`${sql}\`;`, /SQL/);
    }
    assertRefused('src/queue/a.ts', 'export const sql = (t: string) => `delete from ${t}`;', /SQL/);
    assert.deepEqual(findingsIn('src/store/a.ts', "export const sql = 'select a from b';"), []);
    assert.deepEqual(findingsIn('src/host/a.ts', "export const text = 'Select a root from the list.';"), []);
  });

  it('refuses changes to files outside base/ and transfer/', () => {
    assertRefused('src/library/a.ts', "import { renameSync } from 'node:fs';", /renameSync/);
    assertRefused('src/library/a.ts', "import { rm as remove } from 'node:fs/promises';", /rm/);
    assertRefused('src/library/a.ts', "import * as fs from 'node:fs'; fs.promises.writeFile('a', '');", /writeFile/);
    assertRefused('src/library/a.ts', "import fs from 'fs'; fs.unlinkSync('a');", /unlinkSync/);
    assertRefused('src/library/a.ts', "import { open } from 'node:fs/promises'; open('a', 'r+');", /open/);
    const reading =
      "import fs, { openSync } from 'node:fs'; openSync('a', 'r'); fs.readFileSync('b'); fs.openSync('c');";
    assert.deepEqual(findingsIn('src/library/a.ts', reading), []);
    const flagged = (flags: string): string =>
      `import { constants, openSync } from 'node:fs'; const FLAGS = ${flags}; openSync('a', FLAGS);`;
    assert.deepEqual(findingsIn('src/library/a.ts', flagged('constants.O_RDONLY | constants.O_NOFOLLOW')), []);
    assertRefused('src/library/a.ts', flagged('constants.O_RDWR'), /open/);
    assert.deepEqual(findingsIn('src/transfer/a.ts', "import { rename } from 'node:fs/promises';"), []);
  });
});
