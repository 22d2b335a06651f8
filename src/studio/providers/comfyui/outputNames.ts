import type { WorkflowGraph } from '../../../protocol/studioValues.ts';
import { linkedNode } from '../../workflows/graph.ts';
import type { NodeDescriptions } from '../../workflows/nodeDescription.ts';
import type { OutputFile } from './answers.ts';

/** Folder of our images among a server's outputs. */
const FOLDER = 'lakeside';
/** How many images of one node are looked for. */
export const MAX_NAMED_IMAGES = 64;

/**
 * Gives the images of each Save Image node a name that only this submission has: history and queue are gone when a
 * server is started again, its files are not, and by their names they are found.
 */
export function nameOutputs(graph: WorkflowGraph, submission: string): WorkflowGraph {
  return Object.fromEntries(
    Object.entries(graph).map(([id, node]) => [
      id,
      isNamed(node)
        ? { ...node, inputs: { ...node.inputs, filename_prefix: `${FOLDER}/${stem(submission, id)}` } }
        : node,
    ]),
  );
}

/** The `number`th file (from 1) that each Save Image node would write, as folder_paths.get_save_image_path counts. */
export function namedOutputs(graph: WorkflowGraph, submission: string, number: number): OutputFile[] {
  return Object.entries(graph)
    .filter(([, node]) => isNamed(node))
    .map(([id]) => ({
      filename: `${stem(submission, id)}_${String(number).padStart(5, '0')}_.png`,
      subfolder: FOLDER,
      type: 'output',
    }));
}

/** Whether every image that would be kept is named: where none of the names is there, none was made. */
export function allOutputsNamed(graph: WorkflowGraph, descriptions?: NodeDescriptions): boolean {
  const nodes = Object.values(graph);
  const isOther = ({ class_type: kind }: WorkflowGraph[string]): boolean =>
    kind !== 'SaveImage' && kind !== 'PreviewImage' && (descriptions?.get(kind)?.isOutput ?? /save/i.test(kind));
  return nodes.some(isNamed) && !nodes.some((node) => isOther(node));
}

function isNamed({ class_type: kind, inputs }: WorkflowGraph[string]): boolean {
  return kind === 'SaveImage' && linkedNode(inputs.filename_prefix) === undefined;
}

function stem(submission: string, node: string): string {
  return `${submission}-${node.replace(/[^A-Za-z0-9]/g, '-')}`;
}
