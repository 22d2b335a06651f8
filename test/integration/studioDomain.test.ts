import assert from 'node:assert/strict';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';

import { LakesideError } from '../../src/base/errors.ts';
import { nativeFile } from '../../src/base/installation.ts';
import type { Engine } from '../../src/engine.ts';
import { defaultSettings } from '../../src/protocol/settings.ts';
import { DATABASE_FILE } from '../../src/store/databaseFile.ts';
import { engines } from '../support/engineOn.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

async function refusal(promise: Promise<unknown>): Promise<LakesideError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof LakesideError, `refused with ${String(error)}`);
  if (error.code !== 'INVALID_INPUT') assert.match(error.message, /\w+ .* \w+.*[.)]$/s, 'the refusal is a sentence');
  return error;
}

describe('brands, projects and work items', () => {
  const folder = temporaryFolder();
  const start = engines();
  const data = (): string => join(folder(), 'data');
  let engine: Engine;

  beforeEach(async () => {
    engine = await start(data());
  });

  it('come one in the other, each with its folder name and counts', async () => {
    const { brand } = await engine.call('brands.add', { name: 'Café Zürich', voice: 'warm light' });
    assert.deepEqual(
      [brand.slug, brand.voice, brand.projects, brand.archived],
      ['cafe-zurich', 'warm light', 0, false],
    );
    const { project } = await engine.call('projects.add', { name: 'Summer menu', brand: brand.id });
    assert.deepEqual(
      [project.slug, project.brand.slug, project.currency, project.imagesFolder],
      ['summer-menu', 'cafe-zurich', 'USD', join(data(), 'images')],
    );
    const { item } = await engine.call('items.add', {
      project: project.id,
      name: 'Poster',
      brief: 'A jug of lemonade',
    });
    assert.deepEqual([item.slug, item.project.slug, item.brief], ['poster', 'summer-menu', 'A jug of lemonade']);
    assert.deepEqual([item.runs, item.images, item.picked], [0, 0, 0]);
    assert.deepEqual((await engine.call('items.get', { id: item.id })).item, item);
    assert.equal((await engine.call('brands.list', {})).brands[0]?.projects, 1);
    assert.equal((await engine.call('projects.list', { brand: brand.id })).projects[0]?.items, 1);
    assert.deepEqual((await engine.call('items.list', { project: project.id })).items, [item]);
  });

  it('keep their slugs, whatever they are called later', async () => {
    const { project } = await engine.call('projects.add', { name: 'Menu' });
    const { item } = await engine.call('items.add', { project: project.id, name: 'Poster' });
    const renamed = await engine.call('items.update', { id: item.id, name: 'Placard', brief: 'A2' });
    assert.deepEqual([renamed.item.name, renamed.item.slug, renamed.item.brief], ['Placard', 'poster', 'A2']);
    assert.equal((await engine.call('projects.update', { id: project.id, name: 'Card' })).project.slug, 'menu');
    assert.equal((await engine.call('brands.update', { id: project.brand.id, name: 'Me' })).brand.slug, 'studio');
  });

  it('get hostile names as words, folders that lead nowhere else, and numbers where they collide', async () => {
    const { project } = await engine.call('projects.add', { name: '../..' });
    assert.equal(project.slug, 'project');
    const slugs = [];
    for (const name of ['CON', 'con', '../..', '🎉', '🎊', 'x'.repeat(200), 'X'.repeat(200)]) {
      slugs.push((await engine.call('items.add', { project: project.id, name })).item.slug);
    }
    const long = 'x'.repeat(62);
    assert.deepEqual(slugs, ['con-item', 'con-item-2', 'item', 'item-2', 'item-3', `${long}xx`, `${long}-2`]);
    const { project: other } = await engine.call('projects.add', { name: 'Other' });
    assert.equal((await engine.call('items.add', { project: other.id, name: 'CON' })).item.slug, 'con-item');
    assert.equal((await engine.call('projects.add', { name: 'A', slug: 'nul' })).project.slug, 'nul-project');
    for (const name of ['x'.repeat(500), ' ', 'two\nlines', 'a\u001b[31m', '\ud800']) {
      assert.equal((await refusal(engine.call('brands.add', { name }))).code, 'INVALID_INPUT');
    }
    assert.equal((await refusal(engine.call('brands.add', { name: 'A', slug: '../..' }))).code, 'INVALID_INPUT');
  });

  it('are refused where they are not known', async () => {
    for (const [promise, code] of [
      [engine.call('items.get', { id: 'nope' }), 'ITEM_UNKNOWN'],
      [engine.call('items.update', { id: 'nope' }), 'ITEM_UNKNOWN'],
      [engine.call('items.add', { project: 'nope', name: 'A' }), 'PROJECT_UNKNOWN'],
      [engine.call('projects.update', { id: 'nope' }), 'PROJECT_UNKNOWN'],
      [engine.call('projects.add', { brand: 'nope', name: 'A' }), 'BRAND_UNKNOWN'],
      [engine.call('brands.update', { id: 'nope' }), 'BRAND_UNKNOWN'],
      [engine.call('users.switch', { id: 'nope' }), 'USER_UNKNOWN'],
      [engine.call('instructions.set', { scope: 'brand', id: 'nope', text: 'a' }), 'BRAND_UNKNOWN'],
      [engine.call('instructions.merge', { item: 'nope', prompt: 'a' }), 'ITEM_UNKNOWN'],
    ] as const) {
      assert.equal((await refusal(promise)).code, code);
    }
    assert.deepEqual((await engine.call('brands.list', {})).brands, [], 'a refused command leaves nothing behind');
  });

  it('need a brand only when there is more than one', async () => {
    const { project } = await engine.call('projects.add', { name: 'First' });
    assert.equal(project.brand.name, 'Studio');
    assert.equal((await engine.call('projects.add', { name: 'Second' })).project.brand.id, project.brand.id);
    await engine.call('brands.add', { name: 'Another' });
    const error = await refusal(engine.call('projects.add', { name: 'Third' }));
    assert.equal(error.code, 'BRAND_NEEDED');
    assert.match(error.message, /another, studio/);
  });

  it('store images where the project says, if that is a whole path', async () => {
    const own = join(folder(), 'own');
    const storage = { kind: 'folder', path: join(own, 'deeper', '..') + '/' } as const;
    const { project } = await engine.call('projects.add', { name: 'Own', storage });
    assert.equal(project.imagesFolder, own);
    const back = await engine.call('projects.update', {
      id: project.id,
      storage: { kind: 'default' },
      currency: 'EUR',
    });
    assert.deepEqual([back.project.imagesFolder, back.project.currency], [join(data(), 'images'), 'EUR']);
    const relative = engine.call('projects.add', { name: 'A', storage: { kind: 'folder', path: '../elsewhere' } });
    assert.equal((await refusal(relative)).code, 'STORAGE_FOLDER_INVALID');
    await engine.call('engine.configure', { settings: { ...defaultSettings(), 'studio.imagesDir': own } });
    assert.equal((await engine.call('projects.list', {})).projects[0]?.imagesFolder, own);
    const wrong = { ...defaultSettings(), 'studio.imagesDir': '~/pictures' };
    const { problems } = await engine.call('engine.configure', { settings: wrong });
    assert.deepEqual(
      problems.map(({ setting, code }) => [setting, code]),
      [['studio.imagesDir', 'STORAGE_FOLDER_INVALID']],
    );
    assert.equal((await engine.call('projects.list', {})).projects[0]?.imagesFolder, join(data(), 'images'));
  });

  it('keep the draft of an editor whole', async () => {
    const { item } = await engine.call('items.ensure', { project: 'Menu', item: 'Poster' });
    const draft = {
      provider: 'draft',
      prompt: 'p'.repeat(100_000),
      seed: 7,
      count: 4,
      values: { steps: 20, model: 'a' },
    };
    await engine.call('items.update', { id: item.id, draft });
    const kept = (await engine.call('items.get', { id: item.id })).item.draft;
    assert.deepEqual(kept, { ...draft, negative: '' });
  });

  describe('when archived', () => {
    let brand: string;
    let project: string;
    let item: string;

    beforeEach(async () => {
      ({ id: brand } = (await engine.call('brands.add', { name: 'Brand' })).brand);
      ({ id: project } = (await engine.call('projects.add', { name: 'Project', brand })).project);
      ({ id: item } = (await engine.call('items.add', { name: 'Item', project })).item);
    });

    it('take with them what lies in them, and bring it back', async () => {
      await engine.call('brands.update', { id: brand, archived: true });
      assert.deepEqual((await engine.call('brands.list', {})).brands, []);
      assert.deepEqual((await engine.call('projects.list', {})).projects, []);
      assert.deepEqual((await engine.call('items.list', { project })).items, []);
      const all = await engine.call('items.list', { archived: true });
      assert.deepEqual(
        all.items.map(({ id, archived }) => [id, archived]),
        [[item, true]],
      );
      assert.equal((await engine.call('items.get', { id: item })).item.archived, true);
      await engine.call('brands.update', { id: brand, archived: false });
      assert.equal((await engine.call('items.list', {})).items[0]?.archived, false);
    });

    it('leave archived what was archived before them', async () => {
      await engine.call('items.update', { id: item, archived: true });
      await engine.call('projects.update', { id: project, archived: true });
      await engine.call('projects.update', { id: project, archived: false });
      assert.deepEqual((await engine.call('items.list', {})).items, []);
      assert.equal((await engine.call('projects.list', {})).projects[0]?.items, 0);
      assert.equal((await engine.call('items.update', { id: item, archived: false })).item.archived, false);
    });

    it('take nothing new, and give back nothing on its own', async () => {
      await engine.call('projects.update', { id: project, archived: true });
      const late = engine.call('items.add', { project, name: 'Late' });
      assert.equal((await refusal(late)).code, 'PROJECT_ARCHIVED');
      const back = engine.call('items.update', { id: item, archived: false });
      assert.equal((await refusal(back)).code, 'PROJECT_ARCHIVED');
      const ensured = engine.call('items.ensure', { project: 'project', item: 'item' });
      assert.equal((await refusal(ensured)).code, 'PROJECT_ARCHIVED');
      await engine.call('brands.update', { id: brand, archived: true });
      assert.equal((await refusal(engine.call('projects.add', { name: 'Late', brand }))).code, 'BRAND_ARCHIVED');
      const error = await refusal(engine.call('projects.update', { id: project, archived: false }));
      assert.equal(error.code, 'BRAND_ARCHIVED');
      assert.match(error.message, /"Brand" is archived. Restore it first/);
    });

    it('keep their slugs taken', async () => {
      await engine.call('items.update', { id: item, archived: true });
      assert.equal((await engine.call('items.add', { name: 'Item', project })).item.slug, 'item-2');
      const ensured = await engine.call('items.ensure', { project: 'Project', item: 'Item' });
      assert.equal(ensured.item.slug, 'item-2', 'the one that is not archived is meant');
    });
  });

  describe('found or made by name', () => {
    it('are made once, however often and however spelt', async () => {
      const { item } = await engine.call('items.ensure', { project: 'Summer menu', item: 'Poster' });
      for (const [project, name] of [
        ['Summer menu', 'Poster'],
        ['summer-menu', 'poster'],
        ['SUMMER MENU', 'POSTER'],
      ] as const) {
        const again = await engine.call('items.ensure', { project, item: name });
        assert.equal(again.item.id, item.id);
      }
      assert.equal((await engine.call('items.list', {})).items.length, 1);
    });

    it('are made once by several engines at once', async () => {
      const others = await Promise.all([start(data()), start(data())]);
      const ensured = await Promise.all(
        [engine, ...others].map((each) => each.call('items.ensure', { project: 'Menu', item: 'Poster' })),
      );
      assert.equal(new Set(ensured.map(({ item }) => item.id)).size, 1);
    });

    it('are refused when several have the name, unless the slug says which', async () => {
      const first = (await engine.call('projects.add', { name: 'Menu' })).project;
      const second = (await engine.call('projects.add', { name: 'Menu' })).project;
      const { item } = await engine.call('items.ensure', { project: second.slug, item: 'A' });
      assert.equal(item.project.id, second.id);
      assert.equal((await engine.call('items.ensure', { project: first.slug, item: 'A' })).item.project.id, first.id);
      await engine.call('items.add', { project: first.id, name: 'B b' });
      await engine.call('items.add', { project: first.id, name: 'b B' });
      const error = await refusal(engine.call('items.ensure', { project: 'menu', item: 'B B' }));
      assert.equal(error.code, 'NAME_AMBIGUOUS');
      assert.match(error.message, /work items (b-b, b-b-2|b-b-2, b-b)\)/);
    });
  });

  it('wait for another process that keeps the database locked, and then work', async () => {
    const other = new Database(join(data(), DATABASE_FILE), { nativeBinding: nativeFile('better-sqlite3.node') });
    other.exec('BEGIN IMMEDIATE');
    let added = false;
    const adding = engine.call('brands.add', { name: 'Patient' }).then(() => (added = true));
    // Reading goes on meanwhile.
    assert.deepEqual((await engine.call('brands.list', {})).brands, []);
    assert.equal(added, false);
    other.exec('COMMIT');
    other.close();
    await adding;
    assert.equal((await engine.call('brands.list', {})).brands.length, 1);
  });

  it('are left alone once newer code has changed the database', async () => {
    const noticed = new Promise<string>((resolve) => engine.on('notice')(({ code }) => resolve(code)));
    const newer = new Database(join(data(), DATABASE_FILE), { nativeBinding: nativeFile('better-sqlite3.node') });
    newer.prepare("INSERT INTO schema_migrations VALUES ('9999_future', 'x', 1)").run();
    newer.close();
    assert.equal(await noticed, 'RELOAD_NEEDED');
    assert.equal((await refusal(engine.call('brands.add', { name: 'Late' }))).code, 'RELOAD_NEEDED');
    assert.deepEqual((await engine.call('brands.list', {})).brands, []);
  });

  it('tell the views what changed, and keep still where nothing did', async () => {
    const { brand } = await engine.call('brands.add', { name: 'Brand' });
    const heard: string[] = [];
    await new Promise<void>((resolve) => {
      const listener = engine.on('changed')(({ topics }) => {
        heard.push(...topics);
        listener.dispose();
        resolve();
      });
    });
    assert.deepEqual(heard, ['studio']);
    await engine.call('brands.update', { id: brand.id, name: 'Brand' });
    assert.equal((await engine.call('audits.list', { subject: 'brand', id: brand.id })).audits.length, 1);
  });
});

describe('the people at this machine', () => {
  const folder = temporaryFolder();
  const start = engines();
  let engine: Engine;

  beforeEach(async () => {
    engine = await start(join(folder(), 'data'));
  });

  it('are at first one, named as the system knows them', async () => {
    const { users } = await engine.call('users.list', {});
    assert.equal(users.length, 1);
    assert.deepEqual(
      users.map(({ name, current, archived }) => ({ name, current, archived })),
      [{ name: userInfo().username, current: true, archived: false }],
    );
    assert.deepEqual((await engine.call('users.list', {})).users, users);
  });

  it('are named on what they make, also after they were renamed', async () => {
    const { user } = await engine.call('users.add', { name: 'Mira', switch: true });
    const { brand } = await engine.call('brands.add', { name: 'Brand' });
    assert.equal(brand.createdBy, 'Mira');
    await engine.call('users.update', { id: user.id, name: 'Mira K.' });
    assert.equal((await engine.call('brands.list', {})).brands[0]?.createdBy, 'Mira K.');
  });

  it('switch, one at a time', async () => {
    const [first] = (await engine.call('users.list', {})).users;
    assert.ok(first !== undefined);
    const { user } = await engine.call('users.add', { name: 'Mira' });
    assert.equal(user.current, false);
    assert.equal((await engine.call('users.switch', { id: user.id })).user.current, true);
    const current = (await engine.call('users.list', {})).users.filter((each) => each.current);
    assert.deepEqual(
      current.map(({ id }) => id),
      [user.id],
    );
    await engine.call('users.update', { id: first.id, archived: true });
    assert.equal((await refusal(engine.call('users.switch', { id: first.id }))).code, 'USER_ARCHIVED');
    assert.equal((await engine.call('users.list', {})).users.length, 1);
    assert.equal((await engine.call('users.list', { archived: true })).users.length, 2);
  });

  it('have names of their own, and the one who is there stays', async () => {
    const { user } = await engine.call('users.add', { name: 'Ólafur', switch: true });
    const taken = await refusal(engine.call('users.add', { name: 'ÓLAFUR' }));
    assert.equal(taken.code, 'USER_EXISTS');
    assert.equal((await engine.call('users.update', { id: user.id, name: 'ólafur' })).user.name, 'ólafur');
    const gone = await refusal(engine.call('users.update', { id: user.id, archived: true }));
    assert.equal(gone.code, 'USER_CURRENT');
  });

  it('are one when several engines ask first', async () => {
    const others = await Promise.all([start(join(folder(), 'data')), start(join(folder(), 'data'))]);
    await Promise.all([engine, ...others].map((each) => each.call('users.list', {})));
    assert.equal((await engine.call('users.list', {})).users.length, 1);
  });
});

describe('instructions', () => {
  const folder = temporaryFolder();
  const start = engines();

  it('of all scopes go into the prompt of a work item, by their precedence', async () => {
    const engine = await start(join(folder(), 'data'));
    const { brand } = await engine.call('brands.add', { name: 'Brand', voice: 'warm light' });
    const { project } = await engine.call('projects.add', { name: 'Project', brand: brand.id });
    const { item } = await engine.call('items.add', { name: 'Item', project: project.id });
    const [user] = (await engine.call('users.list', {})).users;
    assert.ok(user !== undefined);
    for (const [scope, id, text] of [
      ['user', user.id, 'style: oil'],
      ['brand', brand.id, 'style: ink\nnegative: logo'],
      ['project', project.id, 'summer'],
      ['item', item.id, 'a jug'],
    ] as const) {
      await engine.call('instructions.set', { scope, id, text });
    }
    assert.deepEqual(await engine.call('instructions.get', { item: item.id }), {
      instructions: [
        { scope: 'user', id: user.id, name: user.name, text: 'style: oil' },
        { scope: 'brand', id: brand.id, name: 'Brand', text: 'style: ink\nnegative: logo' },
        { scope: 'project', id: project.id, name: 'Project', text: 'summer' },
        { scope: 'item', id: item.id, name: 'Item', text: 'a jug' },
      ],
      voice: 'warm light',
    });
    const merged = await engine.call('instructions.merge', { item: item.id, prompt: 'lemonade', negative: 'blurry' });
    assert.equal(merged.prompt, 'lemonade,\na jug,\nsummer,\nstyle: ink,\nwarm light');
    assert.equal(merged.negative, 'blurry, logo');
    await engine.call('instructions.set', { scope: 'brand', id: brand.id, text: '' });
    const without = await engine.call('instructions.merge', { item: item.id, prompt: 'lemonade' });
    assert.equal(without.prompt, 'lemonade,\na jug,\nsummer,\nwarm light,\nstyle: oil');
    const { audits } = await engine.call('audits.list', { subject: 'brand', id: brand.id });
    assert.deepEqual(
      audits.slice(0, 1).map(({ action, before, after }) => ({ action, before, after })),
      [
        {
          action: 'brand.instruct',
          before: { instructions: 'style: ink\nnegative: logo' },
          after: { instructions: '' },
        },
      ],
    );
  });
});

describe('audits', () => {
  const folder = temporaryFolder();
  const start = engines();

  it('say who did what, how it was and how it is, newest first', async () => {
    const engine = await start(join(folder(), 'data'));
    const [first] = (await engine.call('users.list', {})).users;
    assert.ok(first !== undefined);
    const { brand } = await engine.call('brands.add', { name: 'Brand', voice: 'warm' });
    const { user } = await engine.call('users.add', { name: 'Mira', switch: true });
    await engine.call('brands.update', { id: brand.id, name: 'Brand & Co', voice: 'warm' });
    await engine.call('brands.update', { id: brand.id, archived: true });
    await engine.call('brands.update', { id: brand.id, archived: true });
    const { audits } = await engine.call('audits.list', { subject: 'brand', id: brand.id });
    assert.deepEqual(
      audits.map(({ at: _, ...audit }) => audit),
      [
        { user: 'Mira', action: 'brand.update', before: { archived: false }, after: { archived: true } },
        { user: 'Mira', action: 'brand.update', before: { name: 'Brand' }, after: { name: 'Brand & Co' } },
        { user: first.name, action: 'brand.add', after: { slug: 'brand', name: 'Brand', voice: 'warm' } },
      ],
    );
    const limited = await engine.call('audits.list', { subject: 'brand', id: brand.id, limit: 1 });
    assert.equal(limited.audits.length, 1);
    const ofUser = await engine.call('audits.list', { subject: 'user', id: user.id });
    assert.deepEqual(
      ofUser.audits.map(({ action }) => action),
      ['user.switch', 'user.add'],
    );
  });

  it('note what is made on the way, and no draft', async () => {
    const engine = await start(join(folder(), 'data'));
    const { item } = await engine.call('items.ensure', { project: 'Menu', item: 'Poster' });
    await engine.call('items.update', { id: item.id, draft: { prompt: 'a' } });
    await engine.call('items.update', { id: item.id, brief: 'b', draft: { prompt: 'b' } });
    const { audits } = await engine.call('audits.list', { subject: 'item', id: item.id });
    assert.deepEqual(
      audits.map(({ action, after }) => [action, after]),
      [
        ['item.update', { brief: 'b' }],
        ['item.add', { slug: 'poster', name: 'Poster', project: item.project.id, brief: '' }],
      ],
    );
    const ofProject = await engine.call('audits.list', { subject: 'project', id: item.project.id });
    assert.equal(ofProject.audits[0]?.action, 'project.add');
  });

  it('are neither changed nor deleted, by whatever way', async () => {
    const engine = await start(join(folder(), 'data'));
    await engine.call('brands.add', { name: 'Brand' });
    const raw = new Database(join(folder(), 'data', DATABASE_FILE), {
      nativeBinding: nativeFile('better-sqlite3.node'),
    });
    assert.throws(() => raw.exec("UPDATE audits SET action = 'x'"), /audits are never changed/);
    assert.throws(() => raw.exec('DELETE FROM audits'), /audits are never deleted/);
    raw.close();
  });
});
