import { isJsonObject, type JsonObject, numberIn, seedIn, textIn } from './looseJson.ts';
import { said, type SaidData } from './saidData.ts';

/** The text that a converted image carries, and the sidecar beside an image: the run's snapshot and the image. */
export const LAKESIDE_TEXT = 'lakeside';

/** Whether it is a sidecar of ours, or what was kept of one. */
export function isLakesideData(value: unknown): value is JsonObject {
  return isJsonObject(value) && isJsonObject(value.snapshot) && isJsonObject(value.snapshot.generation);
}

/** Reads a sidecar; what is missing in it is left out. */
export function readLakeside(sidecar: JsonObject): SaidData {
  const snapshot = part(sidecar, 'snapshot');
  const generation = part(snapshot, 'generation');
  const merged = part(snapshot, 'merged');
  const values = part(generation, 'values');
  const image = part(sidecar, 'image');
  const workflow = part(snapshot, 'workflow');
  const more = {
    Brand: textIn(part(snapshot, 'brand'), 'name'),
    Project: textIn(part(snapshot, 'project'), 'name'),
    'Work item': textIn(part(snapshot, 'item'), 'name'),
    Provider: textIn(part(snapshot, 'provider'), 'name'),
    Workflow: textIn(workflow, 'name'),
    Run: textIn(snapshot, 'run'),
    'Made by': textIn(part(snapshot, 'user'), 'name'),
  };
  const lora = textIn(values, 'lora');
  return said('lakeside', {
    prompt: textIn(merged, 'prompt') ?? textIn(generation, 'prompt'),
    negative: textIn(merged, 'negative') ?? textIn(generation, 'negative'),
    seed: seedIn(image, 'seed') ?? seedIn(sidecar, 'seed') ?? seedIn(generation, 'seed'),
    steps: numberIn(values, 'steps'),
    cfg: numberIn(values, 'cfg'),
    sampler: textIn(values, 'sampler'),
    scheduler: textIn(values, 'scheduler'),
    model: textIn(image, 'model') ?? textIn(sidecar, 'model') ?? textIn(values, 'model'),
    loras: lora === undefined ? [] : [{ name: lora }],
    graph: isJsonObject(workflow.graph) ? JSON.stringify(workflow.graph) : undefined,
    more: Object.fromEntries(
      Object.entries(more).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
    ),
  });
}

function part(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return isJsonObject(value) ? value : {};
}
