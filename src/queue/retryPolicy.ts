/** Back-off doubles from one second up to five minutes; jitter spreads windows that failed together. */
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 300_000;

export interface RetryQuestion {
  readonly retryable: boolean;
  /** Attempts made so far, the failed one included. */
  readonly attempts: number;
  /** How often it may be tried again. */
  readonly retryCount: number;
  /** In [0, 1). */
  readonly random: number;
}

/** Milliseconds to wait before the next attempt, or undefined when there shall be none. */
export function retryDelayMs(question: RetryQuestion): number | undefined {
  if (!question.retryable || question.attempts > question.retryCount) return undefined;
  const full = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (question.attempts - 1));
  return Math.round(full * (0.5 + question.random / 2));
}
