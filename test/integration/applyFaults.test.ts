import assert from 'node:assert/strict';

import { LakesideError } from '../../src/base/errors.ts';
import { FaultPlan, type FaultWorld } from '../support/faultPlan.ts';
import { ERRORS } from '../support/faultSweep.ts';
import type { FileCall } from '../support/faultyFiles.ts';

const KINDS = ['POSIX in memory', 'Windows drives', 'a Windows drive and a NAS'] as const;

/** Calls whose failure is worth a second kind of trial: it stays for the file until the apply ends. */
const LASTING: ReadonlySet<FileCall> = new Set(['rename', 'link', 'unlink', 'mkdir', 'write', 'create']);

for (const kind of KINDS) {
  describe(`a fault in the middle of an apply, on ${kind}`, function () {
    this.timeout(60_000);
    const faultPlan = new FaultPlan(kind);
    const calls = faultPlan.calls();

    for (const [errno, from] of Object.entries(ERRORS)) {
      it(`${errno} at any call loses nothing, is reported, and is made good by the next apply`, async () => {
        for (const [index, { call }] of (await calls).entries()) {
          if (from !== 'all' && !from.includes(call)) continue;
          await faultPlan.try(`${errno} at ${call}, call ${index}`, {
            fail: (_call, _path, at) => (at === index ? errno : undefined),
          });
        }
      });

      it(`${errno} that lasts for one call of one file does no more harm`, async () => {
        for (const [index, { call }] of (await calls).entries()) {
          if (!LASTING.has(call) || (from !== 'all' && !from.includes(call))) continue;
          let failing = '';
          await faultPlan.try(`${errno} from ${call}, call ${index}, on`, {
            fail: (each, path, at) => {
              if (at === index) failing = path;
              return each === call && at >= index && path === failing ? errno : undefined;
            },
          });
        }
      });
    }

    for (const [name, most] of [
      ['half of what was asked for', (wanted: number) => Math.max(1, wanted >> 1)],
      ['nothing', () => 0],
    ] as const) {
      for (const moved of ['read', 'write'] as const) {
        it(`a ${moved} of ${name} spoils no file`, async () => {
          const count = (await calls).filter(({ call }) => call === moved).length;
          for (let at = 0; at < count; at++) {
            let seen = 0;
            await faultPlan.try(`${moved} ${at} moves ${name}`, {
              shortBytes: (call, _path, wanted) => (call === moved && seen++ === at ? most(wanted) : wanted),
            });
          }
        });
      }
    }

    for (const root of ['from', 'to'] as const) {
      const rootName = root === 'from' ? "the source's" : "the target's";

      it(`${rootName} drive that goes at any call is not taken for an empty one, and the apply goes on when it is back`, async () => {
        for (const index of (await calls).keys()) {
          await faultPlan.tryWithout(root, index, (world) => {
            // A mount point of POSIX stays, as an empty folder; a drive letter is gone.
            const gone = world.leave(root, world.traits[root].windows ? undefined : {});
            return () => {
              if (gone !== undefined) assert.deepEqual(world.textsOf(gone), [], 'the mount point was filled');
            };
          });
        }
      });

      it(`another disk in the place of ${rootName} keeps every file`, async () => {
        const others = {
          replaced: 'other disk 1',
          chain1: 'other disk 2',
          'gone/deep/y': 'other disk 3',
          solid: 'other 4',
        };
        for (const [index, { call }] of (await calls).entries()) {
          // Between a link and the unlink of the old name are microseconds, in which nobody can change a disk.
          if (call === 'unlink' && (await calls)[index - 1]?.call === 'link') continue;
          await faultPlan.tryWithout(root, index, (world) => {
            const other = world.leave(root, { ...others, '.lakeside/root.json': 'another' });
            return () => {
              const texts = world.textsOf(other);
              for (const text of Object.values(others)) assert.ok(texts.includes(text), `"${text}" is lost`);
            };
          });
        }
      });
    }

    it('says of a task that fails as a whole which file it was', async () => {
      const world: FaultWorld = faultPlan.newWorld();
      const aside = 'lakeside';
      const files = world.faulty({
        fail: (call, path) => (call === 'list' && path.includes(aside) ? 'EIO' : undefined),
      });
      world.fill('to', { '.lakeside/aside/00000000/a': 'A' });
      await assert.rejects(faultPlan.applyIn(world, files), (error) => {
        assert.ok(error instanceof LakesideError);
        assert.equal(error.code, 'EIO');
        assert.match(error.message, /aside/);
        return true;
      });
    });
  });
}
