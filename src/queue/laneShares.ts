export interface LaneSharesQuestion {
  /** How many jobs of each lane may run on the data dir. */
  readonly limits: Readonly<Record<string, number>>;
  /** How many processes take jobs. */
  readonly workers: number;
  /** Lanes whose room the others have left long enough: whoever wants it takes it. */
  readonly unshared: ReadonlySet<string>;
}

/**
 * How many jobs of each lane one process may hold, so that the one that looks first does not take all there are. At least
 * one each; what the others do not take is not left idle.
 */
export function laneShares({ limits, workers, unshared }: LaneSharesQuestion): Record<string, number> {
  return Object.fromEntries(
    Object.entries(limits).map(([lane, limit]) => [lane, unshared.has(lane) ? limit : Math.ceil(limit / workers)]),
  );
}
