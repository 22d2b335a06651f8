/** What a tensor is in an adapter: LoRA and its kin (https://github.com/KohakuBlueleaf/LyCORIS, `docs/Algo-Details.md`). */
export type AdapterRole =
  | 'down'
  | 'up'
  | 'mid'
  | 'alpha'
  | 'magnitude'
  | 'hada a'
  | 'hada b'
  | 'lokr w1'
  | 'lokr w2'
  | 'lokr w1 a'
  | 'lokr w1 b'
  | 'lokr w2 a'
  | 'lokr w2 b'
  | 'oft'
  | 'diff'
  | 'other';

/** Endings as kohya's scripts, PEFT, diffusers, LyCORIS, OneTrainer, XLabs and others write them. */
const ENDINGS: readonly (readonly [ending: string, role: AdapterRole])[] = [
  ['.lora_down.weight', 'down'],
  ['.lora_up.weight', 'up'],
  ['.lora_mid.weight', 'mid'],
  ['.lora_A.weight', 'down'],
  ['.lora_B.weight', 'up'],
  ['.lora_A.default.weight', 'down'],
  ['.lora_B.default.weight', 'up'],
  ['.lora_A', 'down'],
  ['.lora_B', 'up'],
  ['.lora.down.weight', 'down'],
  ['.lora.up.weight', 'up'],
  ['_lora.down.weight', 'down'],
  ['_lora1.down.weight', 'down'],
  ['_lora1.up.weight', 'up'],
  ['_lora2.down.weight', 'down'],
  ['_lora2.up.weight', 'up'],
  ['_lora.up.weight', 'up'],
  ['.lora_linear_layer.down.weight', 'down'],
  ['.lora_linear_layer.up.weight', 'up'],
  ['.alpha', 'alpha'],
  ['.dora_scale', 'magnitude'],
  ['.lora_magnitude_vector', 'magnitude'],
  ['.lora_magnitude_vector.weight', 'magnitude'],
  ['.hada_w1_a', 'hada a'],
  ['.hada_w1_b', 'hada b'],
  ['.hada_w2_a', 'other'],
  ['.hada_w2_b', 'other'],
  ['.hada_t1', 'mid'],
  ['.hada_t2', 'mid'],
  ['.lokr_w1', 'lokr w1'],
  ['.lokr_w2', 'lokr w2'],
  ['.lokr_w1_a', 'lokr w1 a'],
  ['.lokr_w1_b', 'lokr w1 b'],
  ['.lokr_w2_a', 'lokr w2 a'],
  ['.lokr_w2_b', 'lokr w2 b'],
  ['.lokr_t2', 'mid'],
  ['.oft_blocks', 'oft'],
  ['.oft_diag', 'oft'],
  ['.oft_R.weight', 'oft'],
  ['.diff', 'diff'],
  ['.diff_b', 'other'],
];

/** The module that a tensor of an adapter belongs to, and what it is there; undefined for any other tensor. */
export function adapterPart(name: string): { readonly module: string; readonly role: AdapterRole } | undefined {
  const found = ENDINGS.find(([ending]) => name.endsWith(ending));
  if (found === undefined) return undefined;
  return { module: name.slice(0, -found[0].length), role: found[1] };
}
