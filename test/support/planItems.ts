import fc from 'fast-check';

import { compareRelpaths } from '../../src/base/relpath.ts';
import { PLAN_FORMAT, PLAN_VERSION } from '../../src/protocol/planFile.ts';
import type { ExpectedFile, PlanItem, PlanSummary } from '../../src/protocol/planFile.ts';
import { addToSummary, emptyPlanSummary } from '../../src/protocol/planTotals.ts';
import type { PlanPreamble } from '../../src/library/planSeal.ts';

export const preamble: PlanPreamble = {
  format: PLAN_FORMAT,
  version: PLAN_VERSION,
  kind: 'mirror',
  from: { root: 'local', id: 'id-local' },
  to: { root: 'lake', id: 'id-lake' },
  options: { delete: true },
};

export function planSummary(items: Iterable<PlanItem>): PlanSummary {
  const summary = emptyPlanSummary();
  for (const item of items) addToSummary(summary, item);
  return summary;
}

/** `count` steps, every seventh a move, every eleventh a deletion, every third copy a replacement. */
export function* manyItems(count: number): Generator<PlanItem> {
  for (let index = 0; index < count; index++) {
    const name = `models/loras/set-${String(index).padStart(7, '0')}/model-${index}.safetensors`;
    const file = { size: 1_000 + (index % 977), mtimeMs: 1_700_000_000_000 + index };
    const hashed = { ...file, blake3: index.toString(16).padStart(64, '0') };
    if (index % 7 === 0)
      yield { op: 'move', path: name, movedFrom: `old/${name}`, expect: { from: hashed, to: hashed } };
    else if (index % 11 === 0) yield { op: 'delete', path: name, expect: { from: null, to: file } };
    else yield { op: 'copy', path: name, expect: { from: hashed, to: index % 3 === 0 ? file : null } };
  }
}

const hash = fc.stringMatching(/^[0-9a-f]{64}$/);
const expected = fc.record(
  { size: fc.nat(), mtimeMs: fc.integer({ min: -5, max: 2 ** 45 }), blake3: hash },
  { requiredKeys: ['size', 'mtimeMs'], noNullPrototype: true },
);
const segment = fc.oneof(
  fc.constantFrom('a', 'b', 'é', '\u{1F600}', '\uFB01', '"', 'a b', '\u2028', 'x.safetensors'),
  // U+FFFD is what a name that is not valid Unicode is read as, and no plan may hold it.
  fc
    .string({ minLength: 1, maxLength: 8, unit: 'grapheme' })
    .map((text) => text.replaceAll(/[/\\:.\p{Cc}\uFFFD]/gu, '_')),
);
const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'));

/** Valid items of plans of every kind, in their order; `options` as the kind has them. */
export const plansOfAllKinds: fc.Arbitrary<Pick<PlanPreamble, 'kind' | 'options'> & { items: PlanItem[] }> = fc
  .tuple(
    fc.constantFrom('mirror', 'copy', 'update', 'both', 'evict', 'undo'),
    fc.uniqueArray(
      fc.record({
        path,
        from: expected,
        to: expected,
        blake3: hash,
        shape: fc.nat(3),
        direction: fc.constantFrom(undefined, 'reverse', 'undecided'),
      }),
      { selector: (item) => item.path, maxLength: 12 },
    ),
  )
  .map(([kind, parts]) => ({
    kind,
    options:
      kind === 'evict' ? { evict: { freeBytes: 5, order: 'largest' } } : { select: { folders: ['a'], minSize: 1 } },
    items: parts.sort((left, right) => compareRelpaths(left.path, right.path)).map((part) => itemOfKind(kind, part)),
  }));

function itemOfKind(
  kind: PlanPreamble['kind'],
  part: {
    path: string;
    from: ExpectedFile;
    to: ExpectedFile;
    blake3: string;
    shape: number;
    direction: PlanItem['direction'];
  },
): PlanItem {
  const { path: relpath, from, to, blake3, shape } = part;
  const both = { path: relpath, expect: { from, to } };
  const moved = { op: 'move', ...both, movedFrom: `was/${relpath}` } as const;
  switch (kind) {
    case 'evict': {
      const kept = { ...to, blake3 };
      const expect = { from: { ...kept, mtimeMs: from.mtimeMs }, to: kept };
      return { op: 'delete', path: relpath, expect, ...(shape === 0 ? {} : { fromPath: `kept/${relpath}` }) };
    }
    case 'both': {
      const direction = part.direction === undefined ? {} : { direction: part.direction };
      return shape === 0 ? { ...moved, ...direction } : { op: 'copy', ...both, ...direction };
    }
    case 'undo':
      if (shape === 0) return { op: 'delete', path: relpath, expect: { from: null, to } };
      if (shape === 1) return { ...moved, movedFrom: relpath, trashed: '2026-01-01', expect: { from: null, to } };
      return { op: 'copy', ...both, ...(shape === 2 ? {} : { fromPath: `kept/${relpath}` }) };
    case 'mirror':
      if (shape === 0) return moved;
      if (shape === 1) {
        return { op: 'delete', path: relpath, expect: { from: null, to }, lastCopy: true };
      }
      return { op: 'copy', ...both };
    case 'copy':
    case 'update':
      return { op: 'copy', path: relpath, expect: { from, to: shape === 0 ? null : to } };
  }
}

/** Valid items of a mirror plan, in its order. */
export const planItemList: fc.Arbitrary<PlanItem[]> = fc
  .uniqueArray(
    fc.record({
      path,
      op: fc.constantFrom('copy', 'move', 'delete'),
      from: expected,
      to: expected,
      fresh: fc.boolean(),
    }),
    {
      selector: (item) => item.path,
      maxLength: 12,
    },
  )
  .map((items) =>
    items
      .sort((left, right) => compareRelpaths(left.path, right.path))
      .map(({ path: relpath, op, from, to, fresh }): PlanItem => {
        switch (op) {
          case 'copy':
            return { op, path: relpath, expect: { from, to: fresh ? null : to } };
          case 'move':
            return { op, path: relpath, movedFrom: `was/${relpath}`, expect: { from, to } };
          case 'delete':
            return { op, path: relpath, expect: { from: null, to } };
        }
      }),
  );
