import { LakesideError } from '../../base/errors.ts';
import { type WorkflowGraph, workflowGraphSchema } from '../../protocol/studioValues.ts';
import { formatOf } from '../images/imageFormat.ts';
import { isJsonObject, parseLooseJson } from '../metadata/looseJson.ts';
import { readPngTexts } from '../metadata/pngText.ts';
import { seemsToMakeImages } from './graph.ts';
import type { NodeDescriptions } from './nodeDescription.ts';

/** Largest file that is read as a workflow, in bytes: an image of a workflow may be large, no workflow is. */
export const MAX_WORKFLOW_FILE_BYTES = 256 * 1024 * 1024;

const HOW_TO_EXPORT =
  'In ComfyUI, open it and choose Workflow > Export (API), or in older versions turn on the dev mode options and choose Save (API Format). Then import that file.';

/**
 * Reads a workflow in API format, from JSON or from the text of a PNG that ComfyUI made.
 * @param path for the sentences of errors
 * @throws LakesideError WORKFLOW_UI_FORMAT, NOT_A_WORKFLOW
 */
export function readWorkflow(bytes: Uint8Array, path: string): WorkflowGraph {
  if (formatOf(bytes) !== 'png') return toGraph(parseLooseJson(decode(bytes)), path);
  const { texts } = readPngTexts(bytes);
  const graph = texts.get('prompt');
  if (graph !== undefined) return toGraph(parseLooseJson(graph), path);
  if (texts.has('workflow')) throw uiFormat(path);
  throw notAWorkflow(
    path,
    'the image carries no workflow. ComfyUI writes one into each PNG that its Save Image node saves',
  );
}

/** @throws LakesideError WORKFLOW_NO_OUTPUT when no node of it saves or shows an image */
export function requireImageOutput(graph: WorkflowGraph, what: string, descriptions?: NodeDescriptions): void {
  const isMade =
    descriptions === undefined
      ? seemsToMakeImages(graph)
      : Object.values(graph).some(({ class_type: kind }) => descriptions.get(kind)?.isOutput === true);
  if (isMade) return;
  throw new LakesideError(
    'WORKFLOW_NO_OUTPUT',
    'validation',
    `${what} makes no image: none of its nodes saves one. Add a Save Image node in ComfyUI, and export it again.`,
  );
}

function toGraph(value: unknown, path: string): WorkflowGraph {
  if (!isJsonObject(value)) throw notAWorkflow(path, 'it is not JSON');
  if (Array.isArray(value.nodes)) throw uiFormat(path);
  // A whole request to /prompt is as good.
  const inner = isJsonObject(value.prompt) && value.class_type === undefined ? value.prompt : value;
  if (Array.isArray(inner.nodes)) throw uiFormat(path);
  const graph = workflowGraphSchema.safeParse(inner);
  if (!graph.success) throw notAWorkflow(path, 'it is JSON of another kind');
  const nodes = Object.entries(graph.data);
  if (nodes.length === 0) throw notAWorkflow(path, 'it has no nodes');
  // What else stands in a node (is_changed …) is of the run it comes from.
  return Object.fromEntries(
    nodes.map(([id, { class_type, inputs, _meta }]) => [
      id,
      { class_type, inputs, ...(isJsonObject(_meta) ? { _meta } : {}) },
    ]),
  );
}

function decode(bytes: Uint8Array): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  // The decoder takes the byte order mark away.
  return new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8').decode(bytes);
}

function uiFormat(path: string): LakesideError {
  return new LakesideError(
    'WORKFLOW_UI_FORMAT',
    'validation',
    `${path} is a workflow as ComfyUI's editor saves it, which a server cannot run. ${HOW_TO_EXPORT}`,
    { context: { path } },
  );
}

function notAWorkflow(path: string, why: string): LakesideError {
  return new LakesideError('NOT_A_WORKFLOW', 'validation', `Cannot read ${path} as a workflow: ${why}.`, {
    context: { path },
  });
}
