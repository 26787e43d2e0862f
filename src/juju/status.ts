/** https://documentation.ubuntu.com/juju/3.6/reference/hook-command/list-of-hook-commands/ (status-*, application-version-set) */
import * as v from 'valibot';
import { call, read, type ToolRunner } from './run.ts';
import { bounded } from './text.ts';
import type { ReadStatusName, Status } from './types.ts';

const STATUS_NAMES = [
  'maintenance',
  'blocked',
  'waiting',
  'active',
  'unknown',
  'error',
  'terminated',
] as const satisfies readonly ReadStatusName[];
const readStatus = v.object({ status: v.picklist(STATUS_NAMES), message: v.string() });

/** Bytes. Juju takes more, but prints it all in one cell of a table. */
const MESSAGE_LIMIT = 1000;
const VERSION_LIMIT = 200;

/** A status as it is sent: its message on one line and of bounded length. */
export function boundedStatus(status: Status): Status {
  return { status: status.status, message: bounded(status.message.replace(/\s+/g, ' ').trim(), MESSAGE_LIMIT) };
}

/** A workload version as it is sent. */
export function boundedVersion(version: string): string {
  return bounded(version.replace(/\s+/g, ' ').trim(), VERSION_LIMIT);
}

/**
 * The status of this unit as it was when the hook began: Juju reads it once a hook.
 * @throws HookToolError
 */
export function statusGet(run: ToolRunner): { status: ReadStatusName; message: string } {
  return read(run, readStatus, 'status-get', ['--include-data']);
}

/**
 * Sets the status of this unit, at once: it stays when the hook fails.
 * @throws HookToolError
 */
export function statusSet(run: ToolRunner, status: Status): void {
  call(run, 'status-set', [status.status, '--', boundedStatus(status).message]);
}

/**
 * Sets the workload version that `juju status` shows, at once; `''` clears it.
 * @throws HookToolError
 */
export function applicationVersionSet(run: ToolRunner, version: string): void {
  call(run, 'application-version-set', ['--', boundedVersion(version)]);
}
