import { LakesideError } from '../../base/errors.ts';
import type { Root } from '../../protocol/values.ts';
import type { Services } from '../services.ts';
import { type EntryNode, sourceOf } from '../trees/modelNodes.ts';
import type { CommandTable } from './commandTable.ts';
import { copyFiles } from './copyFiles.ts';
import { pickRoot } from './rootCommands.ts';
import { selectedEntries } from './selectedNodes.ts';

export function copyCommands(services: Services): CommandTable {
  const chosen = (args: readonly unknown[]): EntryNode[] => {
    const nodes = selectedEntries(services, args);
    if (nodes.length > 0) return nodes;
    throw new LakesideError('NOTHING_SELECTED', 'validation', 'Select files or folders in the view Models first.');
  };
  const rootWithRole = async (role: 'local' | 'lake', label: string): Promise<Root> => {
    const root = (await services.models.refreshRoots()).find((each) => each.role === role);
    if (root !== undefined) return root;
    throw new LakesideError('ROOT_UNKNOWN', 'validation', `${label} is not set yet. Set its folder first.`);
  };
  return {
    'lakeside.copyToLake': async (...args) => copyFiles(services, chosen(args), await rootWithRole('lake', 'The Lake')),
    'lakeside.bringHere': async (...args) => copyFiles(services, chosen(args), await rootWithRole('local', 'Local')),
    'lakeside.copyToLocal': async (...args) => copyFiles(services, chosen(args), await rootWithRole('local', 'Local')),
    'lakeside.copyToRoot': async (...args) => {
      const nodes = chosen(args);
      const sources = new Set(nodes.map((node) => sourceOf(node).id));
      const others = (await services.models.refreshRoots()).filter(
        (root) => !(sources.size === 1 && sources.has(root.id)),
      );
      const to = await pickRoot(services, 'Copy to which folder?', others);
      if (to !== undefined) await copyFiles(services, nodes, to);
    },
  };
}
