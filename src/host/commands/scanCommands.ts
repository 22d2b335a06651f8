import type { Services } from '../services.ts';
import { type ModelNode, sourceOf } from '../trees/modelNodes.ts';
import type { CommandTable } from './commandTable.ts';
import { noRoots, pickRoot, rootOf } from './rootCommands.ts';
import { selectedNodes } from './selectedNodes.ts';

export function scanCommands(services: Services): CommandTable {
  const { engine, models, modelsTree } = services;
  return {
    'lakeside.refresh': () => modelsTree.refresh(),
    'lakeside.scanAll': async () => {
      if ((await models.refreshRoots()).length === 0) throw noRoots();
      await engine.call('library.scan', {});
    },
    'lakeside.scanRoot': async (node) => {
      const root = rootOf(node) ?? (await pickRoot(services, 'Scan which folder?'));
      if (root !== undefined) await engine.call('library.scan', { roots: [root.name] });
    },
    'lakeside.hashNow': async (...args) => {
      const chosen = hashTargets(selectedNodes(services, args));
      if (chosen.size > 0) {
        for (const [root, paths] of chosen)
          await engine.call('library.hash', paths === 'all' ? { root } : { root, paths });
        return;
      }
      const root = await pickRoot(services, 'Hash which folder?');
      if (root !== undefined) await engine.call('library.hash', { root: root.name });
    },
  };
}

/** What to hash in which root: some paths, or all where the root itself was chosen. */
function hashTargets(nodes: readonly ModelNode[]): Map<string, string[] | 'all'> {
  const targets = new Map<string, string[] | 'all'>();
  for (const node of nodes) {
    if (node.kind === 'root') targets.set(node.root.name, 'all');
    if (node.kind !== 'file' && node.kind !== 'folder') continue;
    const root = sourceOf(node).name;
    const known = targets.get(root);
    if (known !== 'all') targets.set(root, [...(known ?? []), node.entry.path]);
  }
  return targets;
}
