import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import type { Engine } from '../../src/engine.ts';

export interface TwoRoots {
  readonly engine: Engine;
  /** Absolute. */
  readonly local: string;
  readonly lake: string;
}

/** An engine on a new data dir with the roots Local and Lake, both empty, in a folder of the test's own. */
export async function openTwoRoots(open: (dataDir: string) => Promise<Engine>, folder: string): Promise<TwoRoots> {
  const engine = await open(join(folder, 'data'));
  const [local, lake] = [join(folder, 'local'), join(folder, 'lake')];
  for (const [name, path] of [
    ['local', local],
    ['lake', lake],
  ] as const) {
    mkdirSync(path, { recursive: true });
    await engine.call('roots.add', { name, path });
  }
  return { engine, local, lake };
}
