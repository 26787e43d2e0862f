/** https://documentation.ubuntu.com/juju/3.6/reference/hook-command/list-of-hook-commands/is-leader/ */
import * as v from 'valibot';
import { record } from '../system/record-schema.ts';
import { call, HookToolError, read, type ToolRunner } from './run.ts';
import type { Databag } from './types.ts';

/**
 * Whether this unit is the leader, and will be for at least 30 seconds.
 * @throws HookToolError
 */
export function isLeader(run: ToolRunner): boolean {
  return read(run, v.boolean(), 'is-leader');
}

/**
 * What the leader left for its minions, before Juju 4.
 * @throws HookToolError, `missing` from Juju 4 on
 */
export function leaderGet(run: ToolRunner): Databag {
  return read(run, v.nullable(record(v.string())), 'leader-get') ?? {};
}

/**
 * The same, where there may be no such tool.
 * @returns undefined from Juju 4 on
 * @throws HookToolError
 */
export function leaderSettings(run: ToolRunner): Databag | undefined {
  try {
    return leaderGet(run);
  } catch (error) {
    if (error instanceof HookToolError && error.missing) return undefined;
    throw error;
  }
}

/**
 * Leaves data for the minions; `''` deletes a key. It takes arguments only: no secrets. Kept if the hook succeeds.
 * @throws HookToolError, `missing` from Juju 4 on
 */
export function leaderSet(run: ToolRunner, data: Databag): void {
  call(
    run,
    'leader-set',
    Object.entries(data).map(([key, value]) => `${key}=${value}`),
  );
}
