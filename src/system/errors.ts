/**
 * Something on the machine is not as it must be, and the operator can mend it. The message is one sentence that names the
 * thing and the remedy, fit for a status line; the code that makes it masks secrets.
 */
export class MachineError extends Error {
  override readonly name = 'MachineError';
  /** The code of the failed system call, such as `ENOSPC`, where it was one. */
  readonly code: string | undefined;

  constructor(message: string, options: { readonly cause?: unknown; readonly code?: string | undefined } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : {});
    this.code = options.code;
  }
}

/** The code of a failed system call, such as `ENOENT`; undefined for any other error. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** A failed system call as a sentence about `path`, in place of the path that the call was given; other errors as they are. */
export function about(path: string, error: unknown): unknown {
  const code = errorCode(error);
  if (error instanceof MachineError || code === undefined || !(error instanceof Error)) return error;
  const words = error.message.replace(/^[A-Z0-9]+: /, '').replace(/, .*$/s, '');
  return new MachineError(`${path}: ${words}`, { cause: error, code });
}
