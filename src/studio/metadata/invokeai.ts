import { isJsonList, isJsonObject, type JsonObject, numberIn, seedIn, textIn } from './looseJson.ts';
import { remaining } from './remaining.ts';
import { said, type SaidData } from './saidData.ts';

/** Reads `invokeai_metadata`, of InvokeAI 3 and later, or `sd-metadata` of the ones before. */
export function readInvokeai(metadata: JsonObject): SaidData {
  const image = isJsonObject(metadata.image) ? metadata.image : {};
  const old = isJsonList(image.prompt) ? image.prompt.find(isJsonObject) : undefined;
  return said('invokeai', {
    prompt: textIn(metadata, 'positive_prompt', 'prompt') ?? (old && textIn(old, 'prompt')) ?? textIn(image, 'prompt'),
    negative: textIn(metadata, 'negative_prompt'),
    seed: seedIn(metadata, 'seed') ?? seedIn(image, 'seed'),
    steps: numberIn(metadata, 'steps') ?? numberIn(image, 'steps'),
    cfg: numberIn(metadata, 'cfg_scale', 'guidance') ?? numberIn(image, 'cfg_scale'),
    sampler: textIn(image, 'sampler'),
    scheduler: textIn(metadata, 'scheduler'),
    model: modelName(metadata.model) ?? textIn(metadata, 'model_weights'),
    loras: lorasOf(metadata.loras),
    more: remaining(metadata, USED),
  });
}

const USED = new Set([
  'positive_prompt',
  'prompt',
  'negative_prompt',
  'seed',
  'steps',
  'cfg_scale',
  'scheduler',
  'model',
  'model_weights',
  'loras',
  'image',
]);

/** A name, or an object with one under the key of its version. */
function modelName(model: unknown): string | undefined {
  if (typeof model === 'string') return model;
  return isJsonObject(model) ? textIn(model, 'name', 'model_name', 'key') : undefined;
}

function lorasOf(list: unknown): { name: string; strength?: number }[] {
  if (!isJsonList(list)) return [];
  return list.filter(isJsonObject).flatMap((entry) => {
    const name = modelName(entry.model) ?? modelName(entry.lora);
    const strength = numberIn(entry, 'weight');
    return name === undefined ? [] : [{ name, ...(strength === undefined ? {} : { strength }) }];
  });
}
