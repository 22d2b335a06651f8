import type { Problem } from '../protocol/values.ts';

/** What plans could not hold when they were made in this window, by their files: the Plan panel tells it. */
export class LeftOutOfPlans {
  readonly #byFile = new Map<string, readonly Problem[]>();

  note(file: string, problems: readonly Problem[] = []): void {
    if (problems.length > 0) this.#byFile.set(file, problems);
  }

  of(file: string): readonly Problem[] {
    return this.#byFile.get(file) ?? [];
  }
}
