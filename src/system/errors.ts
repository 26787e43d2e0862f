/**
 * Something on the machine is not as it must be, and the operator can mend it. The message is one sentence that names the
 * thing and the remedy, fit for a status line; secrets are masked by whoever makes it.
 */
export class MachineError extends Error {
  override readonly name = 'MachineError';
}

/** The code of a failed system call, such as `ENOENT`; undefined for any other error. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
