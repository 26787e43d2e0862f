/** https://documentation.ubuntu.com/juju/3.6/reference/hook-command/list-of-hook-commands/ (action-*) */
import * as v from 'valibot';
import { record } from '../system/record-schema.ts';
import { call, read, type ToolRunner } from './run.ts';
import { ARGUMENT_LIMIT, bounded, pieces } from './text.ts';

/** Bytes of all arguments of one call, well under what Linux allows a process. */
const ARGUMENTS_LIMIT = 500_000;

/**
 * Parameters of the action, checked by Juju against actions.yaml.
 * @throws HookToolError, with code 1 outside an action
 */
export function actionGet(run: ToolRunner): Record<string, unknown> {
  return read(run, v.nullable(record(v.unknown())), 'action-get') ?? {};
}

/**
 * Results of the action. A key has lower-case letters, digits and hyphens, and dots where it nests; a value beyond
 * 100 kB is cut. The tool takes arguments only: no secrets.
 * @throws HookToolError for a key that Juju refuses
 */
export function actionSet(run: ToolRunner, results: Readonly<Record<string, string>>): void {
  for (const args of inCalls(Object.entries(results).map(([key, value]) => `${key}=${bounded(value, ARGUMENT_LIMIT)}`)))
    call(run, 'action-set', args);
}

/** Marks the action as failed. Exit 0 all the same, so that the operator sees this message. @throws HookToolError */
export function actionFail(run: ToolRunner, message: string): void {
  call(run, 'action-fail', ['--', bounded(message, ARGUMENT_LIMIT)]);
}

/** Tells the operator, at once, how the action gets on. @throws HookToolError */
export function actionLog(run: ToolRunner, message: string): void {
  for (const part of pieces(message, ARGUMENT_LIMIT)) call(run, 'action-log', ['--', part]);
}

function inCalls(args: readonly string[]): string[][] {
  const calls: string[][] = [];
  let room = 0;
  for (const arg of args) {
    const size = Buffer.byteLength(arg);
    if (calls.length === 0 || size > room) {
      calls.push([]);
      room = ARGUMENTS_LIMIT;
    }
    calls.at(-1)?.push(arg);
    room -= size;
  }
  return calls;
}
