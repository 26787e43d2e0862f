/** Why a hook tool refuses: printed as `ERROR message`, with Juju's exit codes (2: the arguments, 1: all else). */
export class ToolError extends Error {
  readonly code: 1 | 2;

  constructor(code: 1 | 2, message: string) {
    super(message);
    this.name = 'ToolError';
    this.code = code;
  }
}
