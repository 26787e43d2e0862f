/** The tools that say something of the model: goal-state, resource-get, credential-get, storage, juju-reboot. */

import { GoStruct } from './go-value.ts';
import {
  boolFlag,
  checkEmpty,
  type GoValue,
  type Invocation,
  parseQuiet,
  parseWithFormat,
  print,
  ToolError,
} from './tool.ts';
import type { GoalStateUnits } from './world.ts';

export function goalState(run: Invocation): void {
  const { rest, format } = parseWithFormat(run, {}, ['yaml', 'json']);
  checkEmpty(rest);
  const { units, relations } = run.world.goalState;
  const byEndpoint = Object.entries(relations).map(([endpoint, remote]) => [endpoint, goalUnits(remote)] as const);
  print(
    run,
    format,
    new GoStruct([
      ['units', goalUnits(units)],
      ['relations', Object.fromEntries(byEndpoint)],
    ]),
  );
}

function goalUnits(units: GoalStateUnits): Record<string, GoValue> {
  return Object.fromEntries(
    Object.entries(units).map(([name, { status, since }]) => [
      name,
      new GoStruct([
        ['status', status],
        ['since', since === '' ? undefined : since],
      ]),
    ]),
  );
}

export function resourceGet(run: Invocation): void {
  const [name, ...more] = parseQuiet(run, {});
  if (name === undefined || name === '') throw new ToolError(2, 'missing required resource name');
  checkEmpty(more);
  const path = run.world.resource(name);
  if (path instanceof Error) throw new ToolError(1, `could not download resource: ${path.message}`);
  run.stdout += path;
}

export function credentialGet(run: Invocation): void {
  const { rest } = parseWithFormat(run, {}, ['yaml', 'json']);
  checkEmpty(rest);
  throw new ToolError(1, 'cannot access cloud credentials: permission denied');
}

/** There is no storage here: an empty list, and refusals as Juju has them for a charm without storage. */
export function storageList(run: Invocation): void {
  const { rest, format } = parseWithFormat(run, {});
  checkEmpty(rest.slice(1));
  print(run, format, []);
}

export function storageGet(): void {
  throw new ToolError(2, 'no storage instance specified');
}

export function storageAdd(run: Invocation): void {
  const [constraint] = parseQuiet(run, {});
  if (constraint === undefined) throw new ToolError(2, 'storage add requires a storage directive');
  throw new ToolError(1, `cannot add storage: charm storage ${JSON.stringify(constraint.split('=')[0])} not found`);
}

export function jujuReboot(run: Invocation): void {
  const now = boolFlag();
  checkEmpty(parseQuiet(run, { now: now.flag }));
  if (run.context.action !== undefined) throw new ToolError(1, 'juju-reboot is not supported when running an action.');
  run.context.pending.reboot = now.on ? 'now' : 'at-end';
}
