import type { z } from 'zod';

export type UseCaseKind = 'query' | 'command';

/**
 * The contract of one thing Lakeside can do: what goes in, what comes out, and its version.
 * A removal or a change of meaning is a new version (docs/breaking-changes.md).
 */
export interface UseCase<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly version: number;
  readonly kind: UseCaseKind;
  readonly summary: string;
  readonly input: I;
  readonly output: O;
}

export function useCase<const N extends string, I extends z.ZodType, O extends z.ZodType>(
  definition: UseCase<I, O> & { readonly name: N },
): UseCase<I, O> & { readonly name: N } {
  return definition;
}
