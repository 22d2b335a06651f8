import type { ParsedInput, UseCaseName, UseCaseOutput } from '../protocol/useCases.ts';

export interface UseCaseContext {
  /** Aborted when the caller gave up. */
  readonly signal: AbortSignal;
}

/** One implementation for each use case: a missing or an extra one does not compile. */
export type Implementations = {
  readonly [K in UseCaseName]: (
    input: ParsedInput<K>,
    context: UseCaseContext,
  ) => Promise<UseCaseOutput<K>> | UseCaseOutput<K>;
};

/** The implementations of one area: all use cases whose name starts with it. */
export type AreaImplementations<Area extends string> = Pick<Implementations, Extract<UseCaseName, `${Area}.${string}`>>;
