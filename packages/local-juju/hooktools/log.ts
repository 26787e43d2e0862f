/** juju-log */

import type { LogLevel } from '../types.ts';
import { boolFlag, type Invocation, parseQuiet, stringFlag, ToolError } from './tool.ts';

const LEVELS: readonly LogLevel[] = ['TRACE', 'DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'];

export function jujuLog(run: Invocation): void {
  const debug = boolFlag();
  const named = stringFlag('INFO');
  const words = parseQuiet(run, { debug: debug.flag, l: named.flag, 'log-level': named.flag });
  if (words.length === 0) throw new ToolError(2, 'no message specified');
  const level = debug.on ? 'DEBUG' : LEVELS.find((known) => known === named.value.toUpperCase());
  const log = (at: LogLevel, message: string) => run.context.effect({ kind: 'log', level: at, message });
  if (level === undefined) log('WARNING', `Specified log level of ${JSON.stringify(named.value)} is not valid`);
  const prefix = run.context.relation === undefined ? '' : `${run.context.relation.id}: `;
  log(level ?? 'INFO', prefix + words.join(' '));
}
