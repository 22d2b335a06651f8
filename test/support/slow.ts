/** What a test and its slow scan threads share, as an Int32Array. */
export const SLOW = {
  /** Milliseconds that each call takes. */
  latencyMs: 0,
  /** Calls under way now, and the most there were at once. */
  inFlight: 1,
  most: 2,
  /** 1: calls hang, as on a network drive that went away. */
  hangs: 3,
  /** Calls that hung. */
  hung: 4,
} as const;
