/** status-set, status-get, application-version-set: they take effect at once and outlive a hook that fails. */

import type { StatusName } from '../types.ts';
import { fromJson } from './go-value.ts';
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
import type { StatusView, World } from './world.ts';

const SETTABLE: readonly StatusName[] = ['maintenance', 'blocked', 'waiting', 'active'];

export function statusSet(run: Invocation): void {
  const application = boolFlag();
  const [name, message = '', ...more] = parseQuiet(run, { application: application.flag });
  if (name === undefined) throw new ToolError(2, 'invalid args, require <status> [message]');
  const status = SETTABLE.find((settable) => settable === name);
  if (status === undefined) {
    throw new ToolError(2, `invalid status ${JSON.stringify(name)}, expected one of [${SETTABLE.join(' ')}]`);
  }
  checkEmpty(more);
  if (application.on && !run.world.leader) throw new ToolError(1, 'this unit is not the leader');
  run.context.effect({ kind: application.on ? 'application-status' : 'status', status, message });
}

export function statusGet(run: Invocation): void {
  const application = boolFlag();
  const data = boolFlag();
  const { rest, format } = parseWithFormat(run, { application: application.flag, 'include-data': data.flag });
  checkEmpty(rest);
  const { world, context } = run;
  const short = format === 'smart' && !data.on;
  if (application.on) {
    if (!world.leader) throw new ToolError(1, 'finding application status: this unit is not the leader');
    print(run, format, short ? world.applicationStatus.status : applicationDetails(world, data.on));
    return;
  }
  context.statusRead ??= { ...world.status };
  print(run, format, short ? context.statusRead.status : details(context.statusRead, data.on));
}

function applicationDetails(world: World, includeData: boolean): GoValue {
  const units = Object.entries(world.unitStatuses).map(
    ([unit, status]) => [unit, details(status, includeData)] as const,
  );
  return {
    'application-status': { ...details(world.applicationStatus, includeData), units: Object.fromEntries(units) },
  };
}

function details(status: StatusView, includeData: boolean): Record<string, GoValue> {
  if (!includeData) return { status: status.status };
  return { status: status.status, message: status.message, 'status-data': fromJson(status.data ?? {}) };
}

export function applicationVersionSet(run: Invocation): void {
  const [version, ...more] = parseQuiet(run, {});
  if (version === undefined) throw new ToolError(2, 'no version specified');
  checkEmpty(more);
  run.context.effect({ kind: 'application-version', version });
}
