import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { z } from 'zod';

import {
  brandDocument,
  brandsDocument,
  errorDocument,
  itemDocument,
  itemsDocument,
  projectDocument,
  projectsDocument,
} from '../support/cliSchemas.ts';
import { type CommandResult, documentOf, endOf, runCommand, startCommand } from '../support/commandLine.ts';
import { engines } from '../support/engineOn.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

describe('brands, projects and work items of the command line', () => {
  const folder = temporaryFolder();
  const start = engines();
  const dataDir = (): string => join(folder(), 'data');
  const run = (...args: string[]): Promise<CommandResult> =>
    runCommand({ dataDir: dataDir(), workingDir: folder() }, ...args);

  /** Runs with --json, expects this exit code, and gives the document. */
  async function json<T>(schema: z.ZodType<T>, code: number, ...args: string[]): Promise<T> {
    const result = await run('--json', ...args);
    assert.equal(result.code, code, result.output + result.errors);
    return documentOf(result, schema);
  }

  it('are added one in the other, and named by slug or by name', async () => {
    const { brand } = await json(brandDocument, 0, 'brands', 'add', 'Café Zürich', '--voice', 'warm light');
    assert.deepEqual([brand.slug, brand.voice], ['cafe-zurich', 'warm light']);
    const { project } = await json(projectDocument, 0, 'projects', 'add', 'Summer menu', '--brand', 'café zürich');
    assert.deepEqual([project.slug, project.brand, project.currency], ['summer-menu', 'cafe-zurich', 'USD']);
    assert.equal(project.imagesFolder, join(dataDir(), 'images'));
    const { item } = await json(
      itemDocument,
      0,
      'items',
      'add',
      'Poster',
      '--project',
      'summer-menu',
      '--brief',
      'A jug',
    );
    assert.deepEqual([item.slug, item.project, item.brief, item.picked], ['poster', 'summer-menu', 'A jug', 0]);
    assert.deepEqual(await json(brandsDocument, 0, 'brands', 'list'), { brands: [{ ...brand, projects: 1 }] });
    assert.deepEqual(await json(projectsDocument, 0, 'projects', 'list', '--brand', 'cafe-zurich'), {
      projects: [{ ...project, items: 1 }],
    });
    assert.deepEqual(await json(itemsDocument, 0, 'items', 'list', '--project', project.id), { items: [item] });
  });

  it('are tables for a person, or what to do where there is none', async () => {
    assert.match((await run('brands', 'list')).output, /no brand yet.*brands add NAME/);
    assert.match((await run('projects', 'list')).output, /no project yet.*projects add NAME/);
    assert.match((await run('items', 'list')).output, /no work item yet.*items add NAME --project/);
    assert.match(
      (await run('projects', 'add', 'Menu')).output,
      /^PROJECT +NAME +BRAND[^\n]+\nmenu +Menu +studio +0 +0 +no\n$/,
    );
    assert.match((await run('brands', 'list')).output, /^BRAND +NAME +PROJECTS +ARCHIVED\nstudio +Studio +1 +no\n$/);
    assert.match((await run('items', 'add', 'A', '--project', 'menu')).output, /\na +A +menu +0 +0 +0 +no\n$/);
  });

  it('take a folder of their own, from the working folder, and a currency in any case', async () => {
    const { project } = await json(
      projectDocument,
      0,
      'projects',
      'add',
      'Own',
      '--folder',
      'pictures',
      '--currency',
      'eur',
    );
    assert.deepEqual([project.imagesFolder, project.currency], [join(folder(), 'pictures'), 'EUR']);
  });

  it('list the archived ones only when asked', async () => {
    const { brand } = await json(brandDocument, 0, 'brands', 'add', 'Old');
    await json(projectDocument, 0, 'projects', 'add', 'Gone');
    const engine = await start(dataDir());
    await engine.call('brands.update', { id: brand.id, archived: true });
    assert.deepEqual(await json(brandsDocument, 0, 'brands', 'list'), { brands: [] });
    assert.deepEqual(await json(projectsDocument, 0, 'projects', 'list'), { projects: [] });
    const all = await json(projectsDocument, 0, 'projects', 'list', '--archived');
    assert.deepEqual(
      all.projects.map(({ slug, archived }) => [slug, archived]),
      [['gone', true]],
    );
    const { error } = await json(errorDocument, 2, 'items', 'add', 'Late', '--project', 'gone');
    assert.equal(error.code, 'BRAND_ARCHIVED');
  });

  for (const [what, code, args] of [
    ['a brand that is not there', 'BRAND_UNKNOWN', ['projects', 'add', 'A', '--brand', 'nobody']],
    ['a project that is not there', 'PROJECT_UNKNOWN', ['items', 'add', 'A', '--project', 'nothing']],
    ['a work item without its project', 'USAGE', ['items', 'add', 'A']],
    ['an empty name', 'INVALID_INPUT', ['brands', 'add', ' ']],
    ['a name that would steer the terminal', 'INVALID_INPUT', ['brands', 'add', 'A\u001b[31m']],
    ['a slug that leaves its folder', 'INVALID_INPUT', ['brands', 'add', 'A', '--slug', '../..']],
    ['a currency that is none', 'INVALID_INPUT', ['projects', 'add', 'A', '--currency', 'euros']],
    ['a name that two projects have', 'NAME_AMBIGUOUS', ['items', 'add', 'A', '--project', 'Twice']],
    ['a project for one of several brands', 'BRAND_NEEDED', ['projects', 'add', 'A']],
  ] as const) {
    it(`refuse ${what}, with code 2 and a sentence`, async () => {
      for (const brand of ['One', 'Two']) await run('brands', 'add', brand);
      for (let time = 0; time < 2; time++) await run('projects', 'add', 'Twice', '--brand', 'one');
      const { error } = await json(errorDocument, 2, ...args);
      assert.equal(error.code, code);
      assert.match(error.message, /\.$/);
    });
  }

  it('added under one name by several processes at once get numbers, none twice', async () => {
    const processes = Array.from({ length: 6 }, () =>
      startCommand(dataDir(), ['--json', 'brands', 'add', 'Same name']),
    );
    const results = await Promise.all(processes.map(endOf));
    for (const result of results) assert.equal(result.code, 0, result.errors + result.output);
    const slugs = results.map((result) => documentOf(result, brandDocument).brand.slug).sort();
    assert.deepEqual(slugs, ['same-name', 'same-name-2', 'same-name-3', 'same-name-4', 'same-name-5', 'same-name-6']);
    const engine = await start(dataDir());
    const { users } = await engine.call('users.list', {});
    assert.equal(users.length, 1, 'one first user was made');
  });
});
