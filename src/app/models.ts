import { LakesideError } from '../base/errors.ts';
import { rootTitle } from '../base/rootTitle.ts';
import { absolutePath } from '../library/pathRules.ts';
import type { Core } from './core.ts';
import type { Implementations } from './implementations.ts';
import { requireRoot } from './requireRoot.ts';

export function modelUseCases(core: Core): Pick<Implementations, 'models.show'> {
  const { files } = core.store;
  return {
    'models.show': async ({ root: name, path }, { signal }) => {
      const root = requireRoot(core, name);
      // A path that the index knows leads through no link, and not out of the root.
      const row = files.get(root.key, path);
      if (row === undefined) throw noFile(name, path);
      await core.mounts.require(root);
      const read = await core.looking.run(
        'model',
        { path: absolutePath(root.path, path) },
        { signal, repeatable: true },
      );
      if (read === null) throw noFile(name, path);
      const { kind: fileKind, size, mtimeMs, facts, safety, findings } = read;
      const known = row.size === size && row.mtimeMs === mtimeMs ? row.blake3 : null;
      return {
        root: name,
        path,
        size,
        mtimeMs,
        blake3: known?.toString('hex') ?? null,
        fileKind,
        ...(facts === undefined
          ? {}
          : {
              facts: {
                ...facts,
                dtypes: [...facts.dtypes],
                triggerWords: [...facts.triggerWords],
                tags: [...facts.tags],
              },
            }),
        ...(safety === undefined
          ? {}
          : { safety: { level: safety.level, reasons: [...safety.reasons], callables: [...safety.callables] } }),
        findings: [...findings],
      };
    },
  };
}

function noFile(root: string, path: string): LakesideError {
  return new LakesideError(
    'FILE_NOT_FOUND',
    'validation',
    `There is no file ${path} in ${rootTitle(root)}. Name it by its path in the root, or scan.`,
    { context: { root, path } },
  );
}
