/** The tools that say something of the model: goal-state, resource-get, credential-get, storage, juju-reboot. */

import type { Flag } from './gnuflag.ts';
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

/** Ids of the storage that is attached, of all names or of one. */
export function storageList(run: Invocation): void {
  const { rest, format } = parseWithFormat(run, {});
  const [name, ...more] = rest;
  checkEmpty(more);
  const ids = (run.world.storage ?? []).map(({ id }) => id);
  print(run, format, name === undefined ? ids : ids.filter((id) => id.startsWith(`${name}/`)));
}

export function storageGet(run: Invocation): void {
  const find = (wanted: string | undefined) => (run.world.storage ?? []).find(({ id }) => id === wanted);
  let storage = find(run.context.storage);
  const flag: Flag = {
    takes: 'value',
    set: (value) => {
      storage = find(value);
      if (storage === undefined) throw new Error('storage not found');
    },
  };
  const { rest, format } = parseWithFormat(run, { s: flag });
  const [key, ...more] = rest;
  checkEmpty(more);
  if (storage === undefined) throw new ToolError(2, 'no storage instance specified');
  const values: Record<string, GoValue> = { kind: storage.kind, location: storage.location };
  const value = key === undefined || key === '' ? values : values[key];
  if (value === undefined) throw new ToolError(1, `invalid storage attribute ${JSON.stringify(key)}`);
  print(run, format, value);
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
