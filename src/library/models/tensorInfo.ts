/** One tensor as the header of its file lists it. */
export interface TensorInfo {
  readonly name: string;
  /** As the format spells it: `BF16`, `F8_E4M3`, `Q4_K`. */
  readonly dtype: string;
  /** Slowest dimension first, as PyTorch has it: `[out, in]` of a linear layer. (GGUF lists them the other way round.) */
  readonly shape: readonly number[];
}

/** Numbers in a tensor; one for a scalar, which has no dimensions. Beyond 2^53 only roughly. */
export function elementCount({ shape }: TensorInfo): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** How many numbers there are, in all and by dtype; never more than can be counted exactly. */
export function countParameters(tensors: readonly TensorInfo[]): {
  readonly total: number;
  readonly byDtype: ReadonlyMap<string, number>;
} {
  let total = 0;
  const byDtype = new Map<string, number>();
  for (const tensor of tensors) {
    const count = elementCount(tensor);
    total = Math.min(total + count, Number.MAX_SAFE_INTEGER);
    byDtype.set(tensor.dtype, Math.min((byDtype.get(tensor.dtype) ?? 0) + count, Number.MAX_SAFE_INTEGER));
  }
  return { total, byDtype };
}
