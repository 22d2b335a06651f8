/** The seed of a random test: the one asked for by SEED in the environment, else a new one. It is printed. */
export function printedSeed(what: string): number {
  const asked = Number(process.env.SEED);
  const seed = Number.isSafeInteger(asked) && asked > 0 ? asked : 1 + Math.floor(Math.random() * 2 ** 31);
  console.log(`      ${what}: SEED=${seed}`);
  return seed;
}

/** Numbers from 0 to below 1 that follow from a seed (mulberry32, public domain). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
