/** A machine that is a directory: real processes and units, no root. */
export { type Fault, Sandbox, type SandboxOptions } from './sandbox.ts';
