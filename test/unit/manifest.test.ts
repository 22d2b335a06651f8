import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';

import { settingNames } from '../../src/host/readSettings.ts';
import { defaultSettings, settingsSchema } from '../../src/protocol/settings.ts';
import { projectDir } from '../support/projectDir.ts';

const propertySchema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]),
  default: z.unknown(),
  scope: z.literal('machine'),
  markdownDescription: z.string().min(10),
  enum: z.array(z.string()).optional(),
  enumDescriptions: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
});
const menuItemSchema = z.object({
  command: z.string().optional(),
  submenu: z.string().optional(),
  when: z.string().optional(),
});
const manifest = z
  .object({
    icon: z.string(),
    contributes: z.object({
      commands: z.array(
        z.object({
          command: z.string(),
          category: z.literal('Lakeside'),
          title: z.string(),
          icon: z.string(),
        }),
      ),
      menus: z.record(z.string(), z.array(menuItemSchema)),
      keybindings: z.array(z.object({ command: z.string() })),
      configuration: z.array(z.object({ title: z.string(), properties: z.record(z.string(), propertySchema) })),
      viewsContainers: z.object({ activitybar: z.array(z.object({ icon: z.string() })) }),
      viewsWelcome: z.array(z.object({ contents: z.string(), when: z.string() })),
      walkthroughs: z.array(
        z.object({
          steps: z.array(
            z.object({ description: z.string(), media: z.object({ svg: z.string(), altText: z.string() }) }),
          ),
        }),
      ),
    }),
  })
  .parse(JSON.parse(readFileSync(path.join(projectDir, 'package.json'), 'utf8')));

const { contributes } = manifest;
const commands = new Set(contributes.commands.map(({ command }) => command));
const properties = Object.assign({}, ...contributes.configuration.map((group) => group.properties)) as Record<
  string,
  z.infer<typeof propertySchema>
>;

describe('the settings in package.json', () => {
  it('are those the core takes, and the data dir', () => {
    const expected = [...settingNames().map((name) => `lakeside.${name}`), 'lakeside.dataDir'];
    assert.deepEqual(Object.keys(properties).sort(), expected.sort());
  });

  for (const name of settingNames()) {
    it(`give ${name} the default and the limits of the core`, () => {
      const property = properties[`lakeside.${name}`];
      assert.deepEqual(property?.default, defaultSettings()[name]);
      const schema = z.toJSONSchema(settingsSchema.shape[name], { io: 'input' });
      if (name === 'transfer.bandwidth') {
        // A plain number is made an object before it is checked, which the schema does not tell.
        assert.deepEqual([property.type, property.minimum, property.maximum], [['number', 'object'], 0, 1_000_000]);
        return;
      }
      assert.equal(property.type, schema.type);
      assert.deepEqual([property.minimum, property.maximum], [schema.minimum, schema.maximum]);
      assert.deepEqual(property.enum, schema.enum);
    });
  }

  it('describe each choice', () => {
    for (const [name, property] of Object.entries(properties)) {
      if (property.enumDescriptions === undefined) continue;
      assert.equal(property.enumDescriptions.length, property.enum?.length, name);
    }
  });
});

describe('the commands in package.json', () => {
  it('are written in sentence case, each once', () => {
    assert.equal(commands.size, contributes.commands.length);
    for (const { title } of contributes.commands)
      assert.match(title, /^[A-Z][a-z]+( [a-z]+| Local| Lake| API)*$/, title);
  });

  it('are the only ones that menus, keys, welcome texts and the walkthrough name', () => {
    const texts = [
      ...contributes.viewsWelcome.map(({ contents }) => contents),
      ...contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ description }) => description)),
    ];
    const linked = texts.flatMap((text) => [...text.matchAll(/command:(lakeside\.[\w.]+)/g)].map((match) => match[1]));
    const named = [
      ...Object.values(contributes.menus).flatMap((items) => items.map(({ command }) => command)),
      ...contributes.keybindings.map(({ command }) => command),
      ...linked,
    ].filter((command) => command !== undefined && command !== 'lakeside.jobs.focus');
    assert.deepEqual(
      named.filter((command) => command === undefined || !commands.has(command)),
      [],
    );
  });

  it('that need a row are not in the palette', () => {
    const hidden = (contributes.menus.commandPalette ?? [])
      .filter(({ when }) => when === 'false')
      .map(({ command }) => command);
    for (const name of ['showJob', 'cancelJob', 'retryJob', 'clearJob', 'useAsLocal']) {
      assert.ok(hidden.includes(`lakeside.${name}`), name);
    }
  });
});

describe('the pictures in package.json', () => {
  it('are there, and have words for who cannot see them', () => {
    const steps = contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);
    const files = [
      manifest.icon,
      ...contributes.viewsContainers.activitybar.map(({ icon }) => icon),
      ...steps.map(({ media }) => media.svg),
    ];
    for (const file of files) assert.ok(existsSync(path.join(projectDir, file)), file);
    for (const { media } of steps) assert.ok(media.altText.length > 20, media.svg);
  });
});
