import { isJsonList, isJsonObject, type JsonObject, numberIn, seedIn, textIn } from './looseJson.ts';
import { remaining } from './remaining.ts';
import { said, type SaidData } from './saidData.ts';

/** Reads what SwarmUI writes under `parameters`: JSON with `sui_image_params`, and `sui_extra_data` beside it. */
export function readSwarmui(parameters: JsonObject): SaidData {
  const params = isJsonObject(parameters.sui_image_params) ? parameters.sui_image_params : {};
  const extra = isJsonObject(parameters.sui_extra_data) ? parameters.sui_extra_data : {};
  return said('swarmui', {
    prompt: textIn(params, 'prompt'),
    negative: textIn(params, 'negativeprompt'),
    seed: seedIn(params, 'seed'),
    steps: numberIn(params, 'steps'),
    cfg: numberIn(params, 'cfgscale'),
    sampler: textIn(params, 'sampler'),
    scheduler: textIn(params, 'scheduler'),
    model: textIn(params, 'model'),
    loras: lorasOf(listOf(params.loras), listOf(params.loraweights)),
    more: { ...remaining(params, USED), ...remaining(extra, new Set()) },
  });
}

const USED = new Set([
  'prompt',
  'negativeprompt',
  'seed',
  'steps',
  'cfgscale',
  'sampler',
  'scheduler',
  'model',
  'loras',
  'loraweights',
]);

/** Older versions write `a,b` where newer ones write a list. */
function listOf(value: unknown): readonly unknown[] {
  if (isJsonList(value)) return value;
  return typeof value === 'string' && value !== '' ? value.split(',') : [];
}

function lorasOf(names: readonly unknown[], weights: readonly unknown[]): { name: string; strength?: number }[] {
  return names.flatMap((name, index) => {
    if (typeof name !== 'string') return [];
    const strength = numberIn({ weight: weights[index] }, 'weight');
    return [{ name, ...(strength === undefined ? {} : { strength }) }];
  });
}
