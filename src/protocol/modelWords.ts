/** Kinds of models whose names are more than words in lower case. */
const KIND_NAMES: ReadonlyMap<string, string> = new Map([
  ['lora', 'LoRA'],
  ['locon', 'LoCon'],
  ['loha', 'LoHa'],
  ['lokr', 'LoKr'],
  ['dora', 'DoRA'],
  ['oft', 'OFT'],
  ['vae', 'VAE'],
  ['clip vision', 'CLIP vision'],
  ['control lora', 'control LoRA'],
  ['t2i adapter', 'T2I adapter'],
  ['ip adapter', 'IP adapter'],
]);

/** A kind of model as people write it: `LoRA`, `checkpoint`. */
export function kindName(kind: string): string {
  return KIND_NAMES.get(kind) ?? kind;
}
