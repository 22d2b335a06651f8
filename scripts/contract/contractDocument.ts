import * as z from 'zod';
import { USE_CASES } from '../../src/protocol/useCases.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** What is kept of a use case, to notice that its contract changed. */
export interface ContractRecord {
  readonly version: number;
  readonly kind: string;
  readonly input: JsonSchema;
  readonly output: JsonSchema;
}

export type ContractRecords = Readonly<Record<string, ContractRecord>>;

/** Every use case of the registry as JSON Schema. */
export function contractRecords(): ContractRecords {
  return Object.fromEntries(
    Object.values(USE_CASES).map((useCase) => [
      useCase.name,
      {
        version: useCase.version,
        kind: useCase.kind,
        input: schemaOf(useCase.input, 'input'),
        output: schemaOf(useCase.output, 'output'),
      },
    ]),
  );
}

function schemaOf(type: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(type, { io });
  return schema;
}

/** docs/contract.md, whole. */
export function contractDocument(): string {
  const sections = Object.values(USE_CASES).map((useCase) =>
    [
      `## ${useCase.name}`,
      '',
      `${useCase.kind === 'query' ? 'Query' : 'Command'}, version ${useCase.version}. ${useCase.summary}`,
      '',
      ...table('Input', schemaOf(useCase.input, 'input')),
      '',
      ...table('Output', schemaOf(useCase.output, 'output')),
    ].join('\n'),
  );
  const introduction = [
    '# Contract',
    '',
    'Everything Lakeside can do, as its panels, its command line and its tests call it. Made from the registry by',
    '`npm run contract`; do not edit. Sizes are bytes, times whole milliseconds since 1970. An answer is',
    '`{success: true, data}` or `{success: false, error, code, category, context?}`. What may change without a new',
    'version is said in [breaking-changes.md](breaking-changes.md).',
  ].join('\n');
  return `${[introduction, ...sections].join('\n\n')}\n`;
}

function table(title: string, schema: JsonSchema): string[] {
  const properties = Object.entries(objectOf(schema.properties));
  if (properties.length === 0) return [`${title}: nothing.`];
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  return [
    `| ${title} | type |`,
    '|---|---|',
    ...properties.map(
      ([name, type]) => `| \`${name}${required.has(name) ? '' : '?'}\` | ${typeText(objectOf(type))} |`,
    ),
  ];
}

/** A schema in a few words: deep enough to call it, short enough for a table. */
function typeText(schema: JsonSchema): string {
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => `\`${String(value)}\``).join(' or ');
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  const choices = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(choices)) return choices.map((choice) => typeText(objectOf(choice))).join(' or ');
  if (schema.type === 'array') return `list of ${typeText(objectOf(schema.items))}`;
  if (schema.type === 'object') {
    const fields = Object.entries(objectOf(schema.properties));
    if (fields.length === 0) return 'object';
    return `{ ${fields.map(([name, type]) => `${name}: ${typeText(objectOf(type))}`).join(', ')} }`;
  }
  return typeof schema.type === 'string' ? schema.type : 'anything';
}

function objectOf(value: unknown): JsonSchema {
  return typeof value === 'object' && value !== null ? (value as JsonSchema) : {};
}

/** Why a contract may not be recorded as it is: it changed so that old callers break, under its old version. */
export function breakingChanges(before: ContractRecords, after: ContractRecords): string[] {
  return Object.entries(before).flatMap(([name, old]) => {
    const now = after[name];
    if (now === undefined) return [`${name} is gone: serve its last version for one release.`];
    if (now.version !== old.version) return [];
    return [
      ...breaks(old.input, now.input, 'input').map((what) => `${name}: ${what}. Raise its version.`),
      ...breaks(old.output, now.output, 'output').map((what) => `${name}: ${what}. Raise its version.`),
    ];
  });
}

function shapesOf(schema: JsonSchema): JsonSchema[] {
  const shapes = schema.anyOf ?? schema.oneOf;
  return Array.isArray(shapes) ? shapes.map(objectOf) : [];
}

/** Properties and choices may be added; properties of an input only if they may be left out. All else is a change of meaning. */
function breaks(old: JsonSchema, now: JsonSchema, where: 'input' | 'output', place: string = where): string[] {
  const oldProperties = objectOf(old.properties);
  const nowProperties = objectOf(now.properties);
  const oldRequired = new Set(Array.isArray(old.required) ? old.required : []);
  const nowRequired = new Set(Array.isArray(now.required) ? now.required : []);
  const found: string[] = [];
  for (const [name, type] of Object.entries(oldProperties)) {
    const at = `${place}.${name}`;
    if (!(name in nowProperties)) found.push(`${at} is gone`);
    else found.push(...breaks(objectOf(type), objectOf(nowProperties[name]), where, at));
  }
  for (const name of nowRequired) {
    if (where === 'input' && !oldRequired.has(name)) found.push(`${place}.${String(name)} must be given now`);
  }
  for (const name of oldRequired) {
    if (where === 'output' && !nowRequired.has(name) && String(name) in nowProperties) {
      found.push(`${place}.${String(name)} may be absent now`);
    }
  }
  if (old.type === 'array') found.push(...breaks(objectOf(old.items), objectOf(now.items), where, `${place}[]`));
  // One of several shapes: each stays where it is, and more may follow.
  const nowShapes = shapesOf(now);
  const oldShapes = shapesOf(old);
  const keepsShapes = oldShapes.length > 0 && oldShapes.length <= nowShapes.length;
  if (keepsShapes) {
    for (const [index, shape] of oldShapes.entries()) {
      found.push(...breaks(shape, objectOf(nowShapes[index]), where, `${place}|${index}`));
    }
  }
  const leaf = (schema: JsonSchema): string => {
    const { properties: _p, required: _r, items: _i, enum: choices, anyOf, oneOf, ...rest } = schema;
    const shapes = keepsShapes ? [anyOf !== undefined, oneOf !== undefined] : [anyOf, oneOf];
    return JSON.stringify({ ...rest, shapes, hasChoices: Array.isArray(choices) });
  };
  const nowChoices: readonly unknown[] = Array.isArray(now.enum) ? now.enum : [];
  for (const choice of Array.isArray(old.enum) ? old.enum : []) {
    if (!nowChoices.includes(choice)) found.push(`${place} knows ${JSON.stringify(choice)} no more`);
  }
  if (leaf(old) !== leaf(now)) found.push(`${place} changed its type`);
  return found;
}
