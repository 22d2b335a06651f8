import { importHashes } from '../library/importHashes.ts';
import type { Core } from './core.ts';
import type { Implementations } from './implementations.ts';
import { requireRoot } from './requireRoot.ts';
import { submitScan } from './submitScan.ts';

export function importUseCases(core: Core): Pick<Implementations, 'library.importHashes'> {
  return {
    'library.importHashes': async ({ root: name, file, prefix }, { signal }) => {
      const root = requireRoot(core, name);
      await core.mounts.require(root);
      // What the index says must be true of now: a file that was replaced since must not get the hash of its successor.
      const scan = await submitScan(core, root, false);
      await core.outcome(scan.id, signal);
      const { files } = core.store;
      try {
        return await importHashes({ root, files, file, prefix, clock: core.clock, signal });
      } finally {
        core.changed('files', 'roots');
        await core.portableHashes.write(root, signal);
      }
    },
  };
}
