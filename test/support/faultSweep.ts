import assert from 'node:assert/strict';

import { LakesideError } from '../../src/base/errors.ts';
import type { FaultyFiles, FileCall, Faults } from './faultyFiles.ts';
import type { TransferWorld } from './transferWorld.ts';

/** Which calls each error can come from. */
export const ERRORS: Readonly<Record<string, readonly FileCall[] | 'all'>> = {
  EIO: 'all',
  ENOSPC: ['create', 'write', 'truncate', 'setTime', 'flush', 'flushAll', 'mkdir', 'rename', 'link', 'flushFolder'],
  EACCES: [
    'openToRead',
    'openToWrite',
    'create',
    'lstat',
    'list',
    'mkdir',
    'rmdir',
    'rename',
    'link',
    'unlink',
    'realPath',
  ],
  EBUSY: ['openToRead', 'openToWrite', 'rename', 'unlink', 'rmdir'],
  EPERM: ['create', 'mkdir', 'rename', 'link', 'unlink'],
};

/** A small world and the one job that is done in it. */
export interface Scene {
  readonly world: TransferWorld;
  /** Does the job; gives how its parts ended that ended badly. Throws what ends it as a whole. */
  run(files: FaultyFiles): Promise<readonly BadEnd[]>;
  /** Whatever happened: nothing is lost. */
  requireSafe(): void;
  /** The job was done again without a fault: all is as it should be, and nothing is left over. */
  requireEnded(): void;
}

export interface BadEnd {
  readonly path: string;
  readonly code: string | undefined;
  readonly reason: string | undefined;
}

/** Does the job of a scene once for each fault, each time in a new one, and then again without. */
export class FaultSweep {
  readonly #newScene: () => Scene;

  constructor(newScene: () => Scene) {
    this.#newScene = newScene;
  }

  /** The calls of the job without a fault. */
  async calls(): Promise<FileCall[]> {
    const scene = this.#newScene();
    const calls: FileCall[] = [];
    await scene.run(scene.world.faulty({ before: (call) => calls.push(call) }));
    scene.requireEnded();
    return calls;
  }

  /** An error once at every call it can come from; returns how many. */
  async failOnce(errno: string): Promise<number> {
    const from = ERRORS[errno] ?? [];
    let tried = 0;
    for (const [index, call] of (await this.calls()).entries()) {
      if (from !== 'all' && !from.includes(call)) continue;
      tried++;
      await this.#try(`${errno} at ${call}, call ${index}`, {
        fail: (_call, _path, at) => (at === index ? errno : undefined),
      });
    }
    return tried;
  }

  /** An error at a call and at all of its kind that follow. */
  async failOn(errno: string): Promise<void> {
    const from = ERRORS[errno] ?? [];
    for (const [index, call] of (await this.calls()).entries()) {
      if (from !== 'all' && !from.includes(call)) continue;
      await this.#try(`${errno} from ${call}, call ${index}, on`, {
        fail: (each, _path, at) => (each === call && at >= index ? errno : undefined),
      });
    }
  }

  /** One read or write after the other moves only so many bytes. */
  async cutShort(moved: 'read' | 'write', most: (wanted: number) => number): Promise<void> {
    const count = (await this.calls()).filter((call) => call === moved).length;
    for (let at = 0; at < count; at++) {
      let seen = 0;
      await this.#try(`${moved} ${at} is cut short`, {
        shortBytes: (call, _path, wanted) => (call === moved && seen++ === at ? most(wanted) : wanted),
      });
    }
  }

  async #try(title: string, faults: Faults): Promise<void> {
    const scene = this.#newScene();
    try {
      await this.#runFaulty(scene, faults);
      scene.requireSafe();
      const ends = await scene.run(scene.world.faulty());
      assert.deepEqual(ends, [], 'the second time');
      scene.requireSafe();
      scene.requireEnded();
      assert.equal(scene.world.memory?.openFiles, 0, 'a file was left open');
    } catch (error) {
      throw new Error(`${title}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }

  async #runFaulty(scene: Scene, faults: Faults): Promise<void> {
    try {
      for (const { path, code, reason = '' } of await scene.run(scene.world.faulty(faults))) {
        assert.match(code ?? '', /^[A-Z][A-Z_]+$/, `${path} ends badly without a code`);
        const native = path.replaceAll('/', scene.world.disk.files.windows ? '\\' : '/');
        assert.ok(
          reason.includes(path) || reason.includes(native),
          `${code ?? ''} of ${path} does not name it: ${reason}`,
        );
      }
    } catch (error) {
      if (!(error instanceof LakesideError)) throw error;
      assert.notEqual(error.code, 'INTERNAL', error.message);
      assert.ok(error.message.length > 20, error.message);
    }
  }
}
