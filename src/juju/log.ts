/** https://documentation.ubuntu.com/juju/3.6/reference/hook-command/list-of-hook-commands/juju-log/ */
import { writeSync } from 'node:fs';
import { call, type ToolRunner } from './run.ts';
import { ARGUMENT_LIMIT, pieces } from './text.ts';
import type { LogLevel } from './types.ts';

/**
 * A message in Juju's log, at once; a long one in several.
 * @throws HookToolError
 */
export function jujuLog(run: ToolRunner, level: LogLevel, message: string): void {
  for (const part of pieces(message, ARGUMENT_LIMIT)) call(run, 'juju-log', ['--log-level', level, '--', part]);
}

/**
 * A line on standard output, which Juju logs as DEBUG, at once. It goes to the descriptor itself: to make the stream of
 * `process.stdout` costs more than most of what a hook without news does.
 */
export function debugLine(line: string): void {
  let rest = Buffer.from(`${line}\n`);
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(1, rest));
  } catch {
    // A descriptor that does not wait until it is read; the stream knows how to.
    process.stdout.write(rest);
  }
}
