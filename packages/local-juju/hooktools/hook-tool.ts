/** All hook tools: which there are in a version of Juju, and one call of one. */

import { actionFail, actionGet, actionLog, actionSet } from './actions.ts';
import { configGet } from './config.ts';
import { jujuLog } from './log.ts';
import {
  credentialGet,
  goalState,
  jujuReboot,
  resourceGet,
  storageAdd,
  storageGet,
  storageList,
} from './model-tools.ts';
import { networkGet, unitGet } from './network.ts';
import { closePort, openedPorts, openPort } from './ports.ts';
import { relationSet } from './relation-set.ts';
import { relationGet, relationIds, relationList, relationModelGet } from './relations.ts';
import { secretGet, secretIds, secretInfoGet } from './secrets-read.ts';
import { secretAdd, secretGrant, secretRemove, secretRevoke, secretSet } from './secrets-write.ts';
import { isLeader, leaderGet, leaderSet, stateDelete, stateGet, stateSet } from './state.ts';
import { applicationVersionSet, statusGet, statusSet } from './status.ts';
import type { Answer, Call, Invocation, Tool } from './tool.ts';
import { ToolError } from './tool-error.ts';
import type { ToolContext, World } from './world.ts';

const TOOLS: Readonly<Record<string, Tool>> = {
  'action-fail': actionFail,
  'action-get': actionGet,
  'action-log': actionLog,
  'action-set': actionSet,
  'application-version-set': applicationVersionSet,
  'close-port': closePort,
  'config-get': configGet,
  'credential-get': credentialGet,
  'goal-state': goalState,
  'is-leader': isLeader,
  'juju-log': jujuLog,
  'juju-reboot': jujuReboot,
  'network-get': networkGet,
  'open-port': openPort,
  'opened-ports': openedPorts,
  'relation-get': relationGet,
  'relation-ids': relationIds,
  'relation-list': relationList,
  'relation-model-get': relationModelGet,
  'relation-set': relationSet,
  'resource-get': resourceGet,
  'secret-add': secretAdd,
  'secret-get': secretGet,
  'secret-grant': secretGrant,
  'secret-ids': secretIds,
  'secret-info-get': secretInfoGet,
  'secret-remove': secretRemove,
  'secret-revoke': secretRevoke,
  'secret-set': secretSet,
  'state-delete': stateDelete,
  'state-get': stateGet,
  'state-set': stateSet,
  'status-get': statusGet,
  'status-set': statusSet,
  'storage-add': storageAdd,
  'storage-get': storageGet,
  'storage-list': storageList,
  'unit-get': unitGet,
  'leader-get': leaderGet,
  'leader-set': leaderSet,
};

/** Names of the tools on PATH: no leader settings from Juju 4 on, no secrets before 3. */
export function toolNames(jujuVersion: string): string[] {
  const major = Number.parseInt(jujuVersion, 10);
  return Object.keys(TOOLS).filter((name) => {
    if (name.startsWith('leader-')) return major < 4;
    if (name.startsWith('secret-') || name === 'relation-model-get') return major >= 3;
    return true;
  });
}

/**
 * Runs one hook tool. What it writes is in `context.pending`, what takes effect at once goes to `context.effect`.
 * Source: documentation.ubuntu.com/juju, hook commands; the answers are held to recordings of Juju 4.0.14.
 */
export function runHookTool(world: World, context: ToolContext, call: Call): Answer {
  const tool = toolNames(world.jujuVersion).includes(call.tool) ? TOOLS[call.tool] : undefined;
  if (tool === undefined) return { code: 127, stdout: '', stderr: `${call.tool}: command not found\n` };
  const run: Invocation = { world, context, call, stdout: '', stderr: '' };
  try {
    tool(run);
    return { code: 0, stdout: run.stdout, stderr: run.stderr };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return { code: error.code, stdout: run.stdout, stderr: `${run.stderr}ERROR ${error.message}\n` };
  }
}
