import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';

import type { Engine } from '../../src/engine.ts';
import { engines, OLD_MS, put, scan } from '../support/engineOn.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { openTwoRoots } from '../support/twoRoots.ts';

const run = promisify(execFile);
const RUNS = Number(process.env.RUNS ?? 8);

/** How rclone begins a line of `--combined`, by what is said of the path. */
const STATES = { '=': 'equal', '*': 'different', '+': 'missing', '-': 'extra' } as const;
type State = (typeof STATES)[keyof typeof STATES];

// Paths that sort otherwise by UTF-16 than by UTF-8, that differ in case or in Unicode form alone, and with spaces.
const name = fc.constantFrom(
  'a',
  'A',
  'b.bin',
  'c d',
  'caf\u00e9',
  'cafe\u0301',
  '\uFB01',
  '\u{1F600}',
  "it's",
  '100%',
);
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'));
/** Many of one size and of one time, and some empty ones. */
const text = fc.constantFrom('', 'x', 'y', 'xx', 'yy', 'longer text');
const files = fc.array(fc.tuple(path, text, fc.nat(2)), { maxLength: 14 });

describe('a comparison by content', function () {
  this.timeout(180_000);
  const folder = temporaryFolder();
  const open = engines();
  let engine: Engine;
  let local: string;
  let lake: string;

  beforeEach(async () => {
    ({ engine, local, lake } = await openTwoRoots(open, folder()));
  });

  it('says of any two trees what `rclone check --checksum` says', async () => {
    await fc.assert(
      fc.asyncProperty(files, files, fc.boolean(), async (from, to, hash) => {
        fill(local, from);
        fill(lake, to);
        await scan(engine, { hash });
        assert.deepEqual(await ours(), await theirs());
      }),
      { numRuns: RUNS },
    );
  });

  async function ours(): Promise<[string, State][]> {
    const { items } = await engine.call('library.diff', { from: 'local', to: 'lake', content: true, all: true });
    // rclone knows no moves: to it one name is missing, and the other too many.
    return sorted(
      items.flatMap(({ state, path: at, movedFrom }): [string, State][] =>
        state === 'moved'
          ? [
              [at, 'missing'],
              [movedFrom ?? '', 'extra'],
            ]
          : [[at, state]],
      ),
    );
  }

  async function theirs(): Promise<[string, State][]> {
    const options = ['--checksum', '--combined', '-', '--no-unicode-normalization', '--exclude', '/.lakeside/**'];
    // It ends with 1 where it finds a difference.
    const { stdout } = (await run('rclone', ['check', local, lake, ...options]).catch((error: unknown) => {
      if (error instanceof Error && 'stdout' in error && 'code' in error && error.code === 1) return error;
      throw error;
    })) as { stdout: string };
    const lines = stdout.split('\n').filter((line) => line !== '');
    return sorted(
      lines.map((line): [string, State] => {
        const state = Object.entries(STATES).find(([sign]) => line.startsWith(`${sign} `))?.[1];
        assert.ok(state !== undefined, `rclone says "${line}"`);
        return [line.slice(2), state];
      }),
    );
  }
});

function sorted(states: [string, State][]): [string, State][] {
  return states.sort(([left], [right]) => (left < right ? -1 : 1));
}

/** Makes a tree anew; what cannot stand beside what came before is left out. */
function fill(root: string, all: readonly (readonly [string, string, number])[]): void {
  for (const entry of readdirSync(root)) {
    if (entry !== '.lakeside') rmSync(join(root, entry), { recursive: true });
  }
  const kept = new Set<string>();
  for (const [at, content, time] of all) {
    const stands = [...kept].some((other) => other === at || other.startsWith(`${at}/`) || at.startsWith(`${other}/`));
    if (stands) continue;
    kept.add(at);
    put(root, at, content, OLD_MS + time * 10_000);
  }
}
