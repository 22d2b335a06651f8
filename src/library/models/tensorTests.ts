import type { ModelPart, TensorCensus } from './tensorCensus.ts';

/** A question to the tensors of a model; the parts of a rule in the table of architectures. */
export type TensorTest = (census: TensorCensus, part?: ModelPart) => boolean;

/** One of these modules is there: `double_blocks.*.img_attn.proj`, a star for each number. */
export function has(...modules: readonly string[]): TensorTest {
  return (census, part) => modules.some((module) => census.group(module, part) !== undefined);
}

/** None of these modules is there. */
export function lacks(...modules: readonly string[]): TensorTest {
  return (census, part) => modules.every((module) => census.group(module, part) === undefined);
}

/** A module's name begins so. */
export function begins(prefix: string): TensorTest {
  return (census) => census.hasPrefix(prefix);
}

/** One of the modules takes so many features in: the second number of its shape. */
export function columns(modules: string | readonly string[], ...counts: readonly number[]): TensorTest {
  return dimension(modules, 1, counts);
}

/** One of the modules gives so many features out: the first number of its shape. */
export function rows(modules: string | readonly string[], ...counts: readonly number[]): TensorTest {
  return dimension(modules, 0, counts);
}

/** A module has weights of so many dimensions. */
export function dimensions(module: string, count: number): TensorTest {
  return (census, part) => census.group(module, part)?.shapes.some(({ length }) => length === count) ?? false;
}

/** There are so many blocks at least, going by the highest number. */
export function blocks(module: string, least: number): TensorTest {
  return (census, part) => (census.group(module, part)?.blocks ?? 0) >= least;
}

export function any(...tests: readonly TensorTest[]): TensorTest {
  return (census, part) => tests.some((test) => test(census, part));
}

export function not(test: TensorTest): TensorTest {
  return (census, part) => !test(census, part);
}

function dimension(modules: string | readonly string[], index: number, counts: readonly number[]): TensorTest {
  const names = typeof modules === 'string' ? [modules] : modules;
  return (census, part) =>
    names.some((name) => {
      const shapes = census.group(name, part)?.shapes ?? [];
      return shapes.some((shape) => counts.includes(shape[index] ?? 0));
    });
}
