/** Random numbers that are the same for the same seed on every machine (mulberry32). */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** A whole number in [least, most]. */
  between(least: number, most: number): number;
  pick<T>(items: readonly [T, ...T[]]): T;
  /** Bytes that do not compress, as weights do not. */
  bytes(length: number): Buffer;
}

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const word = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const between = (least: number, most: number): number => least + (word() % (most - least + 1));
  return {
    next: () => word() / 2 ** 32,
    between,
    pick: (items) => items[between(0, items.length - 1)] ?? items[0],
    bytes(length) {
      const bytes = Buffer.alloc(Math.ceil(length / 4) * 4);
      for (let offset = 0; offset < bytes.length; offset += 4) bytes.writeUInt32LE(word(), offset);
      return bytes.subarray(0, length);
    },
  };
}
