/** https://documentation.ubuntu.com/juju/3.6/reference/hook-command/list-of-hook-commands/ (open-port and its siblings) */
import * as v from 'valibot';
import { call, read, type ToolRunner } from './run.ts';
import type { PortRange } from './types.ts';

/**
 * Port ranges of this unit, those that the running hook opened included: icmp first, then by number.
 * @throws HookToolError
 */
export function openedPorts(run: ToolRunner): PortRange[] {
  return read(run, v.nullable(v.array(v.string())), 'opened-ports') ?? [];
}

/**
 * Opens a port range for all endpoints. Kept if the hook succeeds.
 * @throws HookToolError, with code 1 when another unit of the machine holds a port of it
 */
export function openPort(run: ToolRunner, port: PortRange): void {
  call(run, 'open-port', [port]);
}

/**
 * Closes a port range; one that is not open is no failure. Kept if the hook succeeds.
 * @throws HookToolError, with code 1 for a part of an open range
 */
export function closePort(run: ToolRunner, port: PortRange): void {
  call(run, 'close-port', [port]);
}
