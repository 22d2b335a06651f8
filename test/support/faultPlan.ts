import assert from 'node:assert/strict';

import { LakesideError } from '../../src/base/errors.ts';
import type { IndexChange } from '../../src/transfer/stepOutcome.ts';
import { MemoryVolume, type FolderNode } from './disk/memoryVolume.ts';
import type { FaultyFiles, FileCall, Faults } from './faultyFiles.ts';
import { MemorySteps, type Tree, TransferWorld, type WorldKind } from './transferWorld.ts';

/**
 * A plan with a step of each kind: copies, a replacement, a swap, a chain, a change of case, a delete that empties folders,
 * a file that gives way to a folder, a folder that gives way to a file.
 */
const FROM = {
  'new/deep/a': 'a file in two new folders',
  replaced: 'new',
  swap1: 'two',
  swap2: 'one',
  chain2: 'first',
  chain3: 'second',
  'Cased/Model': 'cased',
  'clear/x': 'X',
  solid: 'a file now',
};
const TO = {
  replaced: 'old',
  swap1: 'one',
  swap2: 'two',
  chain1: 'first',
  chain2: 'second',
  'cased/model': 'cased',
  clear: 'in the way',
  'solid/inner': 'I',
  'gone/deep/y': 'Y',
};
const TRASHED = { replaced: ['old'], clear: ['in the way'], 'solid/inner': ['I'], 'gone/deep/y': ['Y'] };

export class FaultWorld extends TransferWorld {
  /** Puts another volume in the place of a root's (undefined: none), which `back` returns. */
  leave(root: 'from' | 'to', files: Tree): MemoryVolume;
  leave(root: 'from' | 'to', files: Tree | undefined): MemoryVolume | undefined;
  leave(root: 'from' | 'to', files: Tree | undefined): MemoryVolume | undefined {
    const volume = files === undefined ? undefined : new MemoryVolume(this.traits[root]);
    this.#away.set(root, this.memory?.mount(this[root], volume));
    this.fill(root, files ?? {});
    return volume;
  }

  back(): void {
    for (const [root, volume] of this.#away) this.memory?.mount(this[root], volume);
    this.#away.clear();
  }

  readonly #away = new Map<'from' | 'to', MemoryVolume | undefined>();

  requireMounted = (): Promise<void> => {
    for (const root of ['from', 'to'] as const) {
      if (this.read(root, '.lakeside/root.json') === '{}') continue;
      return Promise.reject(
        new LakesideError('ROOT_NOT_MOUNTED', 'infra', `The root ${root} is not mounted. Connect its drive.`, {
          retryable: true,
        }),
      );
    }
    return Promise.resolve();
  };

  /** The texts of all files of a volume, markers left out. */
  textsOf(volume: MemoryVolume): string[] {
    const texts: string[] = [];
    const walk = (folder: FolderNode): void => {
      for (const { name, node } of folder.entries.values()) {
        if (node.kind === 'folder') walk(node);
        else if (node.kind === 'file' && name !== 'root.json') texts.push(node.bytes.toString('utf8', 0, node.size));
      }
    };
    walk(volume.root);
    return texts;
  }
}

/** Applies the plan above with a fault, checks that nothing was lost, then applies it again without. */
export class FaultPlan {
  readonly #kind: WorldKind;

  constructor(kind: WorldKind) {
    this.#kind = kind;
  }

  newWorld(): FaultWorld {
    const world = new FaultWorld('', this.#kind);
    world.fill('from', FROM);
    world.fill('to', TO);
    return world;
  }

  /** The calls of an apply without a fault. */
  async calls(): Promise<{ readonly call: FileCall; readonly path: string }[]> {
    const calls: { call: FileCall; path: string }[] = [];
    const world = this.newWorld();
    await this.applyIn(world, world.faulty({ before: (call, path) => calls.push({ call, path }) }));
    assert.deepEqual(world.tree('to'), FROM);
    return calls;
  }

  applyIn(world: FaultWorld, files: FaultyFiles, steps = this.#steps(world)): ReturnType<TransferWorld['apply']> {
    return world.apply(new MemorySteps(steps), files, { parallelFiles: 1, requireMounted: world.requireMounted });
  }

  async try(title: string, faults: Faults): Promise<void> {
    const world = this.newWorld();
    await named(title, async () => {
      const steps = this.#steps(world);
      const first = await this.#applyFaulty(world, faults, steps);
      this.#requireAllThere(world);
      await this.#finish(world, steps, first);
    });
  }

  /** A root leaves before a call; `leave` does it and gives what to check of what stood in its place. */
  async tryWithout(root: 'from' | 'to', index: number, leave: (world: FaultWorld) => () => void): Promise<void> {
    const world = this.newWorld();
    await named(`${root} leaves before call ${index}`, async () => {
      const steps = this.#steps(world);
      let check: (() => void) | undefined;
      const first = await this.#applyFaulty(
        world,
        {
          before: (_call, _path, at) => {
            if (at === index) check = leave(world);
          },
        },
        steps,
      );
      check?.();
      for (const { status, code } of first.outcomes.values()) {
        assert.ok(status === 'done' || status === 'already', `recorded as ${status} ${code ?? ''} without its drive`);
      }
      world.back();
      this.#requireAllThere(world);
      await this.#finish(world, steps, first);
    });
  }

  #steps(world: FaultWorld): ReturnType<TransferWorld['mirror']> {
    return [
      world.move('cased/model', 'Cased/Model'),
      world.move('chain1', 'chain2'),
      world.move('chain2', 'chain3'),
      world.remove('clear'),
      world.copy('clear/x'),
      world.remove('gone/deep/y'),
      world.copy('new/deep/a'),
      world.replace('replaced'),
      world.copy('solid'),
      world.remove('solid/inner'),
      world.move('swap1', 'swap2'),
      world.move('swap2', 'swap1'),
    ];
  }

  async #applyFaulty(
    world: FaultWorld,
    faults: Faults,
    steps: ReturnType<TransferWorld['mirror']>,
  ): Promise<MemorySteps> {
    const files = world.faulty(faults);
    const memory = new MemorySteps(steps, files);
    try {
      await world.apply(memory, files, { parallelFiles: 1, requireMounted: world.requireMounted });
      for (const { step, path, movedFrom } of memory.steps) {
        const outcome = memory.outcomes.get(step);
        assert.ok(outcome !== undefined, `${path} has no outcome`);
        if (outcome.status === 'done' || outcome.status === 'already') continue;
        const reason = outcome.reason ?? '';
        assert.match(outcome.code ?? '', /^[A-Z][A-Z_]+$/, `${path} ends as ${outcome.status} without a code`);
        const names = [path, movedFrom ?? path].map((name) =>
          name.replaceAll('/', world.disk.files.windows ? '\\' : '/'),
        );
        const isNamed = [path, ...names].some((name) => reason.includes(name));
        assert.ok(
          isNamed || outcome.code === 'COPIES_FAILED' || outcome.code === 'DISK_FULL' || namesFolder(reason, names),
          `${outcome.code ?? ''} of ${path} names no file: ${reason}`,
        );
      }
    } catch (error) {
      if (!(error instanceof LakesideError)) throw error;
      assert.notEqual(error.code, 'INTERNAL', error.message);
      assert.ok(error.message.length > 20, error.message);
    }
    return memory;
  }

  #requireAllThere(world: FaultWorld): void {
    assert.deepEqual(world.tree('from'), FROM);
    const everything = world.everything();
    for (const [path, text] of Object.entries(TO)) assert.ok(everything.has(text), `"${text}" of ${path} is lost`);
    const known = new Set<string>([...Object.values(FROM), ...Object.values(TO)]);
    for (const [path, text] of Object.entries(world.tree('to'))) {
      assert.ok(known.has(text) || path.endsWith('.partial'), `${path} holds "${text}"`);
    }
  }

  async #finish(world: FaultWorld, steps: ReturnType<TransferWorld['mirror']>, first: MemorySteps): Promise<void> {
    const files = world.faulty();
    const again = new MemorySteps(steps, files);
    await world.apply(again, files, { parallelFiles: 1, requireMounted: world.requireMounted });
    const unfinished = [...again.outcomes.values()].filter(({ status }) => status !== 'done' && status !== 'already');
    assert.deepEqual(unfinished, []);
    assert.deepEqual(world.tree('to'), FROM);
    assert.deepEqual(world.aside(), {});
    assert.equal(world.memory?.openFiles, 0, 'a file was left open');
    const trashed = Object.entries(world.trash()).map(([path, texts]) => [path, [...new Set(texts)]]);
    assert.deepEqual(Object.fromEntries(trashed), TRASHED);
    assert.deepEqual(indexAfter(Object.keys(TO), [...first.changes, ...again.changes]), Object.keys(FROM).sort());
  }
}

/** A folder that cannot be made or used stands for all files in it. */
function namesFolder(reason: string, names: readonly string[]): boolean {
  return names.some((name) => {
    const segments = name.split(/[\\/]/);
    return segments.some(
      (_, index) => index > 0 && reason.includes(segments.slice(0, index).join(name.includes('\\') ? '\\' : '/')),
    );
  });
}

async function named(title: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    throw new Error(`${title}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** The paths that the index of the target holds after these changes. */
export function indexAfter(paths: readonly string[], changes: readonly IndexChange[]): string[] {
  const index = new Set(paths);
  for (const change of changes) {
    if (change.kind === 'put') index.add(change.path);
    else if (change.kind === 'remove') index.delete(change.path);
  }
  return [...index].sort();
}
