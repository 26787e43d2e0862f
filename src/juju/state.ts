/** https://documentation.ubuntu.com/juju/3.6/reference/hook-command/list-of-hook-commands/ (state-*) */
import * as v from 'valibot';
import { record } from '../system/record-schema.ts';
import { call, read, type ToolRunner } from './run.ts';
import { yamlSafeJson } from './text.ts';
import type { Databag } from './types.ts';

/**
 * What state-set kept for this unit at the controller.
 * @throws HookToolError
 */
export function stateGet(run: ToolRunner): Databag {
  return read(run, v.nullable(record(v.string())), 'state-get') ?? {};
}

/**
 * Keeps data for this unit at the controller, if the hook succeeds.
 * @throws HookToolError
 */
export function stateSet(run: ToolRunner, data: Databag): void {
  call(run, 'state-set', ['--file', '-'], { input: yamlSafeJson(data), secrets: Object.values(data) });
}

/**
 * Forgets a key, if the hook succeeds.
 * @throws HookToolError
 */
export function stateDelete(run: ToolRunner, key: string): void {
  call(run, 'state-delete', [key]);
}
