import type { PlanStep } from './planSteps.ts';

/** A step the other way, as one forward between roots that have changed places. */
export function turnedStep(step: PlanStep): PlanStep {
  const { path, movedFrom, expect } = step;
  return {
    ...step,
    ...(movedFrom === undefined ? {} : { path: movedFrom, movedFrom: path }),
    expect: { from: expect.to, to: expect.from },
  };
}
