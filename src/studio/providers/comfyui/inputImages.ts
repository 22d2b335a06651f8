import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { extname, isAbsolute } from 'node:path';

import { fileError, LakesideError } from '../../../base/errors.ts';
import type { GenerationValues } from '../../../protocol/studioValues.ts';
import type { BoundWorkflow } from '../../workflows/applyValues.ts';
import { literalOf, titleOf } from '../../workflows/graph.ts';

/** What servers take at most, unless told otherwise. */
const MAX_UPLOAD_BYTES = 100 * 1024 * 1024;

export interface InputImage {
  /** The value it is for. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

/**
 * The files of this machine that a workflow wants: values of type image.
 * @throws LakesideError IMAGE_MISSING when one is neither given nor named by the workflow itself
 */
export function inputImages(workflow: BoundWorkflow, values: GenerationValues): InputImage[] {
  const images = new Map<string, InputImage>();
  for (const { name, node, input, type } of workflow.bindings) {
    if (type !== 'image') continue;
    const given = values[name];
    if (given !== undefined && given !== '') images.set(name, { name, path: String(given) });
    else if (literalOf(workflow.graph[node]?.inputs[input]) === '') {
      const inNode = workflow.graph[node];
      throw new LakesideError(
        'IMAGE_MISSING',
        'validation',
        `The workflow "${workflow.name}" wants an image for "${name}"${inNode === undefined ? '' : ` (${titleOf(inNode)})`}. Choose one.`,
        { context: { name } },
      );
    }
  }
  return [...images.values()];
}

/** Its bytes, and a name that says its content: sent again, it is the same file on the server. */
export async function readInputImage({ path }: InputImage): Promise<{ name: string; bytes: Uint8Array }> {
  if (!isAbsolute(path)) {
    throw new LakesideError('VALUE_WRONG', 'validation', `${path} is not a whole path. Choose the image again.`, {
      context: { path },
    });
  }
  let bytes: Uint8Array;
  try {
    const { size } = await stat(path);
    if (size > MAX_UPLOAD_BYTES) {
      throw new LakesideError(
        'IMAGE_TOO_LARGE',
        'validation',
        `${path} is larger than the ${MAX_UPLOAD_BYTES / 1024 / 1024} MB that ComfyUI takes. Choose a smaller image.`,
        { context: { path } },
      );
    }
    bytes = await readFile(path);
  } catch (error) {
    throw fileError('read the image', path, error);
  }
  const content = createHash('sha256').update(bytes).digest('hex').slice(0, 24);
  return { name: `lakeside-${content}${extname(path).toLowerCase()}`, bytes };
}
