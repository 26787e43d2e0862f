/** What the operator can mend: printed as `ERROR message`, the command exits 1 (2: its arguments are wrong). */
export class LocalError extends Error {
  readonly code: number;

  constructor(message: string, code = 1) {
    super(message);
    this.name = 'LocalError';
    this.code = code;
  }
}
