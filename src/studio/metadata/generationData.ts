import { isA1111Text, readA1111 } from './a1111.ts';
import { readComfyui } from './comfyui.ts';
import type { ImageTexts } from './imageTexts.ts';
import { readInvokeai } from './invokeai.ts';
import { isLakesideData, LAKESIDE_TEXT, readLakeside } from './lakeside.ts';
import { isJsonObject, parseLooseJson } from './looseJson.ts';
import { said, type SaidData } from './saidData.ts';
import { readSwarmui } from './swarmui.ts';

/** Texts that a reader takes whole; all others are shown as they are. */
const READ = new Set([
  LAKESIDE_TEXT,
  'prompt',
  'workflow',
  'parameters',
  'invokeai_metadata',
  'invokeai_graph',
  'invokeai_workflow',
  'sd-metadata',
]);

/**
 * What the texts of an image say about how it was made. Of several writers the one that knows most wins; a ComfyUI graph
 * is handed on beside whatever else there is.
 */
export function generationData(texts: ImageTexts): SaidData {
  const parameters = texts.get('parameters');
  const readers: (() => SaidData | undefined)[] = [
    () => fromJson(texts.get(LAKESIDE_TEXT), isLakesideData, readLakeside),
    () => fromJson(texts.get('invokeai_metadata') ?? texts.get('sd-metadata'), isJsonObject, readInvokeai),
    () => fromJson(parameters, isSwarmui, readSwarmui),
    () => (parameters !== undefined && isA1111Text(parameters) ? readA1111(parameters) : undefined),
  ];
  const graphs = comfyuiGraphs(texts);
  const best = firstOf(readers);
  const others = Object.fromEntries([...texts].filter(([key]) => !READ.has(key)));
  if (best === undefined) {
    const unread = parameters === undefined ? others : { ...others, parameters };
    return graphs === undefined
      ? said('unknown', { more: unread })
      : { ...graphs, ...said(graphs.source, { more: unread }) };
  }
  const { source, ...fields } = best;
  return said(graphs === undefined || source !== 'a1111' ? source : 'comfyui', {
    ...graphs,
    ...fields,
    graph: fields.graph ?? graphs?.graph,
    workflow: fields.workflow ?? graphs?.workflow ?? texts.get('invokeai_workflow'),
    more: { ...others, ...fields.more },
  });
}

function firstOf(readers: readonly (() => SaidData | undefined)[]): SaidData | undefined {
  for (const read of readers) {
    const data = read();
    if (data !== undefined) return data;
  }
  return undefined;
}

function fromJson<T>(
  text: string | undefined,
  is: (value: unknown) => value is T,
  read: (value: T) => SaidData,
): SaidData | undefined {
  const value = text === undefined ? undefined : parseLooseJson(text);
  return is(value) ? read(value) : undefined;
}

function isSwarmui(value: unknown): value is Readonly<Record<string, unknown>> {
  return isJsonObject(value) && isJsonObject(value.sui_image_params);
}

function comfyuiGraphs(texts: ImageTexts): SaidData | undefined {
  const prompt = jsonText(texts.get('prompt'));
  const workflow = jsonText(texts.get('workflow'));
  return prompt === undefined && workflow === undefined ? undefined : readComfyui(prompt, workflow);
}

/** Only what is JSON: some programs write plain words under these keys. */
function jsonText(text: string | undefined): string | undefined {
  return text !== undefined && isJsonObject(parseLooseJson(text)) ? text : undefined;
}
