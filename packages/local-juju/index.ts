/**
 * A Juju model on this computer, with no Juju: deploy, relate and run any charm.
 *
 * @example
 * ```ts
 * await using model = await LocalModel.create();
 * await model.deploy('./my-charm');
 * await model.settle();
 * ```
 *
 * @module
 */
export { LocalModel, LocalUnit, type ModelOptions, type OpenOptions, roundRobin, seeded } from './local-model.ts';
export type { Endpoint, ExecOptions, ExecResult, LocalMachine } from './machine.ts';
export type { MachineKind } from './machines.ts';
export { LocalError } from './model/local-error.ts';
export { modelDir } from './model-dir.ts';
