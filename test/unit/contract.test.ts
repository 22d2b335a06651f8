import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import {
  breakingChanges,
  contractDocument,
  contractRecords,
  type ContractRecords,
} from '../../scripts/contract/contractDocument.ts';
import { USE_CASES } from '../../src/protocol/useCases.ts';

const projectDir = path.join(import.meta.dirname, '..', '..');

describe('the contract', () => {
  const golden = JSON.parse(
    readFileSync(path.join(projectDir, 'test', 'support', 'contracts.json'), 'utf8'),
  ) as ContractRecords;

  it('has not changed in a way that breaks callers without a new version', () => {
    assert.deepEqual(breakingChanges(golden, contractRecords()), []);
  });

  it('is recorded as it is (run: npm run contract)', () => {
    assert.deepEqual(contractRecords(), golden);
  });

  it('is written down for people as it is (run: npm run contract)', () => {
    assert.equal(readFileSync(path.join(projectDir, 'docs', 'contract.md'), 'utf8'), contractDocument());
  });

  it('knows each use case by its own name', () => {
    for (const [name, useCase] of Object.entries(USE_CASES)) assert.equal(useCase.name, name);
  });
});

describe('a change of a contract', () => {
  const text = { type: 'string' };
  const record = (input: object, output: object = {}, version = 1): ContractRecords => ({
    'area.verb': { version, kind: 'query', input: { type: 'object', ...input }, output: { type: 'object', ...output } },
  });

  it('may add what can be left out', () => {
    const before = record({ properties: { a: text }, required: ['a'] }, { properties: { x: text }, required: ['x'] });
    const after = record(
      { properties: { a: text, b: text }, required: ['a'] },
      { properties: { x: text, y: text }, required: ['x', 'y'] },
    );
    assert.deepEqual(breakingChanges(before, after), []);
  });

  it('may add a choice, and not take one away', () => {
    const choices = (...values: string[]): ContractRecords =>
      record({}, { properties: { kind: { type: 'string', enum: values } }, required: ['kind'] });
    assert.deepEqual(breakingChanges(choices('scan'), choices('scan', 'generate')), []);
    assert.deepEqual(breakingChanges(choices('scan', 'hash'), choices('scan')), [
      'area.verb: output.kind knows "hash" no more. Raise its version.',
    ]);
  });

  it('may add to what one of several shapes knows, or a further shape', () => {
    const shaped = (...shapes: object[]): ContractRecords => record({ properties: { held: { oneOf: shapes } } });
    const kinds = (...values: string[]): object => ({ type: 'object', properties: { kind: { enum: values } } });
    assert.deepEqual(breakingChanges(shaped(kinds('scan'), text), shaped(kinds('scan', 'hash'), text, text)), []);
    assert.deepEqual(breakingChanges(shaped(kinds('scan'), text), shaped(kinds('hash'), text)), [
      'area.verb: input.held|0.kind knows "scan" no more. Raise its version.',
    ]);
    assert.equal(breakingChanges(shaped(kinds('scan'), text), shaped(kinds('scan'))).length, 1);
  });

  for (const [what, before, after] of [
    ['an input that must be given now', record({}), record({ properties: { a: text }, required: ['a'] })],
    ['an output that is gone', record({}, { properties: { x: text } }), record({}, { properties: {} })],
    [
      'an output of another type',
      record({}, { properties: { x: text } }),
      record({}, { properties: { x: { type: 'number' } } }),
    ],
    [
      'an output that may be absent now',
      record({}, { properties: { x: text }, required: ['x'] }),
      record({}, { properties: { x: text } }),
    ],
    ['a use case that is gone', record({}), {}],
  ] as const) {
    it(`refuses ${what} under the old version`, () => {
      assert.equal(breakingChanges(before, after).length, 1);
    });
  }

  it('may do all that under a new version', () => {
    assert.deepEqual(breakingChanges(record({ properties: { a: text } }), record({}, {}, 2)), []);
  });
});
