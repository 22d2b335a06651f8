/** Who has to act: the caller, an outside service, the machine, a rule of ours, or nobody knows. */
export const ERROR_CATEGORIES = ['validation', 'provider', 'infra', 'policy', 'unknown'] as const;
export type ErrorCategory = (typeof ERROR_CATEGORIES)[number];

export type ErrorContext = Readonly<Record<string, string | number | boolean | null>>;

export interface ErrorShape {
  readonly code: string;
  readonly category: ErrorCategory;
  readonly message: string;
  readonly retryable?: boolean | undefined;
  readonly context?: ErrorContext | undefined;
}

/**
 * The one error that crosses a boundary. `code` is stable and upper snake case; `message` is a
 * sentence for the person that says what happened, to which file, and what to do.
 */
export class LakesideError extends Error {
  override readonly name = 'LakesideError';
  readonly code: string;
  readonly category: ErrorCategory;
  readonly context: ErrorContext | undefined;
  /** Whether the same request may succeed later without anybody changing anything. */
  readonly retryable: boolean;

  constructor(
    code: string,
    category: ErrorCategory,
    message: string,
    options: { context?: ErrorContext | undefined; cause?: unknown; retryable?: boolean | undefined } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.category = category;
    this.context = options.context;
    this.retryable = options.retryable ?? false;
  }

  toShape(): ErrorShape {
    return {
      code: this.code,
      category: this.category,
      message: this.message,
      ...(this.retryable ? { retryable: true } : {}),
      ...(this.context === undefined ? {} : { context: this.context }),
    };
  }

  static fromShape(shape: ErrorShape): LakesideError {
    return new LakesideError(shape.code, shape.category, shape.message, {
      retryable: shape.retryable,
      context: shape.context,
    });
  }
}

/** What a failed system call means to the person, by errno. */
const SYSTEM_ERRORS: Readonly<Record<string, { sentence: string; retryable: boolean }>> = {
  ENOSPC: { sentence: 'the disk is full. Free some space and retry', retryable: false },
  EDQUOT: { sentence: 'the disk quota is used up. Free some space and retry', retryable: false },
  EACCES: { sentence: 'permission was denied. Check the rights of the file and its folder', retryable: false },
  EPERM: {
    sentence: 'the system did not permit it. Check the rights, and whether another program holds it',
    retryable: true,
  },
  EBUSY: { sentence: 'another program is using it. Close that program, or retry later', retryable: true },
  EROFS: { sentence: 'the file system is read-only. Allow writing to it, or choose another folder', retryable: false },
  ENOENT: { sentence: 'it is not there (any more)', retryable: false },
  ENOTDIR: { sentence: 'a part of its path is a file, not a folder', retryable: false },
  EEXIST: { sentence: 'something of that name stands where it is to be made. Choose another place', retryable: false },
  EISDIR: { sentence: 'it is a folder, not a file', retryable: false },
  ELOOP: { sentence: 'its symbolic links run in a circle', retryable: false },
  ENAMETOOLONG: { sentence: 'its name is too long for this file system', retryable: false },
  EMFILE: { sentence: 'too many files are open. Retry in a moment', retryable: true },
  EIO: { sentence: 'the device answered with an input/output error. Check the drive', retryable: true },
  ENODEV: { sentence: 'the device is gone. Reconnect the drive', retryable: true },
  ENXIO: { sentence: 'the device is gone. Reconnect the drive', retryable: true },
  ESTALE: { sentence: 'the network drive lost its connection. Reconnect it', retryable: true },
  ETIMEDOUT: { sentence: 'the network drive did not answer in time', retryable: true },
  EHOSTDOWN: { sentence: 'the network drive does not answer. Reconnect it', retryable: true },
  EHOSTUNREACH: { sentence: 'the network drive cannot be reached. Reconnect it', retryable: true },
  ENOTCONN: { sentence: 'the network drive is not connected', retryable: true },
};

export function errnoOf(error: unknown): string | undefined {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return undefined;
}

/** Turns a failed system call into a sentence: `Cannot ${action}: ${reason}.` */
export function fileError(action: string, path: string, error: unknown): LakesideError {
  if (error instanceof LakesideError) return error;
  const errno = errnoOf(error);
  const known = errno === undefined ? undefined : SYSTEM_ERRORS[errno];
  const reason = known?.sentence ?? (error instanceof Error ? error.message : String(error));
  return new LakesideError(errno ?? 'FILE_FAILED', 'infra', `Cannot ${action} ${path}: ${reason}.`, {
    context: { path },
    cause: error,
    retryable: known?.retryable ?? false,
  });
}

export function canceledError(what = 'The request'): LakesideError {
  return new LakesideError('CANCELED', 'policy', `${what} was canceled.`);
}

/** As `canceledError`, by somebody who will go on: half-copied files that can be gone on with are to stay. */
export function stoppedForNowError(what = 'The request'): LakesideError {
  return new LakesideError('CANCELED', 'policy', `${what} was canceled.`, { context: { keepPartials: true } });
}

export function keepsPartials(error: unknown): boolean {
  return isCanceled(error) && error instanceof LakesideError && error.context?.keepPartials === true;
}

export function isCanceled(error: unknown): boolean {
  return error instanceof LakesideError && error.code === 'CANCELED';
}

/** Wraps whatever was thrown, so that nothing but a LakesideError crosses a boundary. */
export function toLakesideError(error: unknown): LakesideError {
  if (error instanceof LakesideError) return error;
  if (error instanceof Error && error.name === 'AbortError') return canceledError();
  const message = error instanceof Error ? error.message : String(error);
  return new LakesideError('INTERNAL', 'unknown', `Something unexpected failed: ${message}`, { cause: error });
}

export function assertNever(value: never): never {
  throw new LakesideError('INTERNAL', 'unknown', `Unexpected value: ${JSON.stringify(value)}`);
}
