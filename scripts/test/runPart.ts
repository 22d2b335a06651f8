export interface PartResult {
  readonly passed: number;
  readonly failed: number;
  /** Tests that this system cannot run. */
  readonly pending: number;
}

export interface Part {
  readonly name: string;
  run(): Promise<PartResult>;
}

export interface FinishedPart extends PartResult {
  readonly name: string;
  readonly seconds: number;
}

/** One check that is no set of tests: it passed or it failed. */
export function oneCheck(isGood: boolean): PartResult {
  return { passed: isGood ? 1 : 0, failed: isGood ? 0 : 1, pending: 0 };
}

/** Runs a part with its time. One that throws, or runs no test at all, has failed. */
export async function runPart(part: Part): Promise<FinishedPart> {
  const start = performance.now();
  let result: PartResult;
  try {
    result = await part.run();
    if (result.passed + result.failed === 0) {
      console.error(`The part ${part.name} ran no test.`);
      result = { ...result, failed: 1 };
    }
  } catch (error) {
    console.error(error instanceof Error ? (error.stack ?? error.message) : error);
    result = oneCheck(false);
  }
  return { name: part.name, ...result, seconds: (performance.now() - start) / 1000 };
}
