/** https://documentation.ubuntu.com/juju/3.6/reference/hook-command/list-of-hook-commands/juju-log/ */
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
