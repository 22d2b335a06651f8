import { type ErrorContext, LakesideError } from './errors.ts';

/** Shorter ones would take words out of sentences; no service gives out such keys. */
const MIN_LENGTH = 6;

/** Knows the secrets that this process was given, and takes them out of whatever is told or kept. */
export class SecretMask {
  readonly #secrets = new Set<string>();

  remember(secret: string): void {
    if (secret.length < MIN_LENGTH) return;
    this.#secrets.add(secret);
    // As it stands in the query of an address.
    this.#secrets.add(encodeURIComponent(secret));
  }

  hide(text: string): string {
    let hidden = text;
    for (const secret of this.#secrets) hidden = hidden.replaceAll(secret, '…');
    return hidden;
  }

  /** The same error if it holds none. */
  hideIn(error: LakesideError): LakesideError {
    const context = error.context === undefined ? undefined : this.#hideInContext(error.context);
    const message = this.hide(error.message);
    if (message === error.message && JSON.stringify(context) === JSON.stringify(error.context)) return error;
    // Without its cause, which says the same in other words.
    return new LakesideError(error.code, error.category, message, { context, retryable: error.retryable });
  }

  #hideInContext(context: ErrorContext): ErrorContext {
    return Object.fromEntries(
      Object.entries(context).map(([name, value]) => [name, typeof value === 'string' ? this.hide(value) : value]),
    );
  }
}
