/** A hook's output in the log: stdout as DEBUG, stderr as WARNING, one record a line, lines cut every 4096 bytes. */

import type { Log } from '../model/log.ts';
import type { LogLevel } from '../types.ts';

const LONGEST = 4096;

export function hookLog(
  log: Log,
  unit: string,
  name: string,
): { onStdout: (line: string) => void; onStderr: (line: string) => void } {
  const write = (level: LogLevel) => (line: string) => {
    const bytes = Buffer.from(line.endsWith('\r') ? line.slice(0, -1) : line);
    for (let at = 0; at === 0 || at < bytes.length; at += LONGEST) {
      log(unit, level, `unit.${unit}.${name}`, bytes.subarray(at, at + LONGEST).toString());
    }
  };
  return { onStdout: write('DEBUG'), onStderr: write('WARNING') };
}
