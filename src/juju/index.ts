/**
 * Juju for charms: one function a hook tool, and a context of one hook that asks once and writes what differs.
 *
 * @example
 * ```ts
 * import { createHookContext, hookEnvironment, runTool } from 'layer-wsgi/juju';
 *
 * const juju = createHookContext(runTool, hookEnvironment(process.env, process.argv[1]));
 * juju.openPort(`${juju.config().port}/tcp`);
 * juju.setStatus('active', 'Ready');
 * juju.commit();
 * ```
 *
 * @module
 */
export { actionFail, actionGet, actionLog, actionSet } from './action.ts';
export { configGet } from './config.ts';
export { type ContextOptions, createHookContext, type RememberingContext } from './context.ts';
export { EnvironmentError, type HookEnvironment, hookEnvironment } from './environment.ts';
export { isLeader, leaderGet, leaderSet } from './leader.ts';
export { jujuLog } from './log.ts';
export type { RememberedAnswers } from './memory.ts';
export { credentialGet, goalState, jujuReboot } from './model.ts';
export { networkGet, unitGet } from './network.ts';
export { closePort, openedPorts, openPort } from './port.ts';
export { relationGet, relationIds, relationList, relationListApp, relationModelGet, relationSet } from './relation.ts';
export { resourceGet } from './resource.ts';
export { HookToolError, runTool, TOOL_MISSING, type ToolResult, type ToolRunner } from './run.ts';
export {
  secretAdd,
  secretGet,
  secretGrant,
  secretIds,
  secretInfoGet,
  secretRemove,
  secretRevoke,
  secretSet,
} from './secret.ts';
export { stateDelete, stateGet, stateSet } from './state.ts';
export { applicationVersionSet, statusGet, statusSet } from './status.ts';
export { storageAdd, storageGet, storageList } from './storage.ts';
export type {
  Config,
  ConfigValue,
  Databag,
  HookContext,
  HookEvent,
  LogLevel,
  NetworkInfo,
  PortRange,
  ReadStatusName,
  RelationId,
  SecretSettings,
  Status,
  StatusName,
  UnitEnvironment,
  UnitName,
} from './types.ts';
