import type { MadeTensor } from './safetensorsBytes.ts';

/** Tensor lists as published models have them, made from what is known of their code: names and shapes, no weights. */

export type Tensors = readonly MadeTensor[];

export function tensor(name: string, ...shape: readonly number[]): MadeTensor {
  return { name, shape };
}

/** A linear layer or a convolution with its bias. */
export function layer(name: string, out: number, ...rest: readonly number[]): Tensors {
  return [tensor(`${name}.weight`, out, ...rest), tensor(`${name}.bias`, out)];
}

export function linears(out: number, columns: number, ...names: readonly string[]): Tensors {
  return names.flatMap((name) => layer(name, out, columns));
}

export function weight(name: string, ...shape: readonly number[]): MadeTensor {
  return tensor(`${name}.weight`, ...shape);
}

/** So many blocks, each made from its number. */
export function times(count: number, make: (index: number) => Tensors): Tensors {
  return Array.from({ length: count }, (_, index) => make(index)).flat();
}

export function prefixed(prefix: string, tensors: Tensors): Tensors {
  return tensors.map((made) => ({ ...made, name: prefix + made.name }));
}

/** Another number format, as a converted file has it. */
export function as(dtype: string, tensors: Tensors): Tensors {
  return tensors.map((made) => ({ ...made, dtype }));
}

/** Weights of two or four dimensions that an adapter is made for; `pick` chooses among them. */
function adaptable(tensors: Tensors, pick: RegExp): { readonly module: string; readonly shape: readonly number[] }[] {
  return tensors
    .filter(({ name, shape }) => name.endsWith('.weight') && shape.length >= 2 && pick.test(name))
    .map(({ name, shape }) => ({ module: name.slice(0, -'.weight'.length), shape }));
}

/** As kohya's sd-scripts save it: underscores, `lora_down`, `lora_up`, `alpha`. */
export function kohyaLora(prefix: string, model: Tensors, pick: RegExp, rank: number): Tensors {
  return adaptable(model, pick).flatMap(({ module, shape: [out = 0, columns = 0, ...kernel] }) => {
    const name = prefix + module.replaceAll('.', '_');
    return [
      tensor(`${name}.alpha`),
      weight(`${name}.lora_down`, rank, columns, ...kernel),
      weight(`${name}.lora_up`, out, rank, ...kernel.map(() => 1)),
    ];
  });
}

/** As PEFT and diffusers save it: dots, `lora_A`, `lora_B`. */
export function peftLora(prefix: string, model: Tensors, pick: RegExp, rank: number): Tensors {
  return adaptable(model, pick).flatMap(({ module, shape: [out = 0, columns = 0] }) => [
    weight(`${prefix}${module}.lora_A`, rank, columns),
    weight(`${prefix}${module}.lora_B`, out, rank),
  ]);
}

/** LyCORIS LoHa. */
export function loha(prefix: string, model: Tensors, pick: RegExp, rank: number): Tensors {
  return adaptable(model, pick).flatMap(({ module, shape: [out = 0, columns = 0] }) => {
    const name = prefix + module.replaceAll('.', '_');
    return [
      tensor(`${name}.alpha`),
      tensor(`${name}.hada_w1_a`, out, rank),
      tensor(`${name}.hada_w1_b`, rank, columns),
      tensor(`${name}.hada_w2_a`, out, rank),
      tensor(`${name}.hada_w2_b`, rank, columns),
    ];
  });
}

/** LyCORIS LoKr of factor 8 with a decomposed second part. */
export function lokr(prefix: string, model: Tensors, pick: RegExp, rank: number): Tensors {
  return adaptable(model, pick).flatMap(({ module, shape: [out = 0, columns = 0] }) => {
    const name = prefix + module.replaceAll('.', '_');
    return [
      tensor(`${name}.alpha`),
      tensor(`${name}.lokr_w1`, 8, 8),
      tensor(`${name}.lokr_w2_a`, out / 8, rank),
      tensor(`${name}.lokr_w2_b`, rank, columns / 8),
    ];
  });
}

/** The magnitudes that make a LoRA a DoRA. */
export function withMagnitudes(lora: Tensors): Tensors {
  return lora.flatMap((made) =>
    made.name.endsWith('.lora_up.weight')
      ? [made, tensor(made.name.replace('.lora_up.weight', '.dora_scale'), 1, made.shape[0] ?? 0)]
      : [made],
  );
}
