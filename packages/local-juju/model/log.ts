/** The model's log: one JSON record a line in `log.jsonl`, as `juju debug-log` shows it. */

import { appendFileSync, closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { LogLevel } from '../types.ts';
import { clockTime, timestamp } from './clock.ts';
import type { ModelState } from './state.ts';

const LEVELS: readonly LogLevel[] = ['TRACE', 'DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'];

const LogRecord = z.object({
  time: z.string(),
  /** `unit-wsgi-0` */
  entity: z.string(),
  level: z.enum(['TRACE', 'DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL']),
  /** `unit.wsgi/0.juju-log` */
  module: z.string(),
  message: z.string(),
});
export type LogRecord = z.infer<typeof LogRecord>;

export type Log = (unit: string, level: LogLevel, module: string, message: string) => void;

const LOG_FILE = 'log.jsonl';

/** Writes what the model's `logging-config` lets through. */
export function openLog(dir: string, state: ModelState): Log {
  return (unit, level, module, message) => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(threshold(state.modelConfig['logging-config'] ?? '', module))) return;
    const record: LogRecord = {
      time: timestamp(state),
      entity: `unit-${unit.replace('/', '-')}`,
      level,
      module,
      message,
    };
    appendFileSync(join(dir, LOG_FILE), `${JSON.stringify(record)}\n`, { mode: 0o600 });
  };
}

/** `<root>=INFO;unit=DEBUG`: the longest name that the module begins with counts. */
function threshold(config: string, module: string): LogLevel {
  let [best, level]: [string, LogLevel] = ['', 'INFO'];
  for (const part of config.split(';')) {
    const [name = '', value = ''] = part.trim().split('=');
    const known = LEVELS.find((one) => one === value.toUpperCase());
    const matches = name === '<root>' || module === name || module.startsWith(`${name}.`);
    const length = name === '<root>' ? 0 : name.length;
    if (known !== undefined && matches && length >= best.length) [best, level] = [name === '<root>' ? '' : name, known];
  }
  return level;
}

export interface LogFilter {
  /** Entities: `unit-wsgi-0`, `wsgi/0`, `unit-wsgi-*`. */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly level?: LogLevel;
}

/** Records from a byte offset of the file on, and the offset after them. */
export function readLog(
  dir: string,
  offset: number,
  filter: LogFilter,
): { readonly records: LogRecord[]; readonly offset: number } {
  const path = join(dir, LOG_FILE);
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= offset) return { records: [], offset };
  const bytes = Buffer.alloc(size - offset);
  const file = openSync(path, 'r');
  try {
    readSync(file, bytes, 0, bytes.length, offset);
  } finally {
    closeSync(file);
  }
  // A line that is still being written is for the next time.
  const end = bytes.lastIndexOf(10) + 1;
  const lines = bytes
    .subarray(0, end)
    .toString()
    .split('\n')
    .filter((line) => line !== '');
  const records = lines.map((line) => LogRecord.parse(JSON.parse(line))).filter((record) => passes(record, filter));
  return { records, offset: offset + end };
}

function passes(record: LogRecord, { include = [], exclude = [], level = 'TRACE' }: LogFilter): boolean {
  const names = (patterns: readonly string[]) => patterns.some((pattern) => entityMatches(record.entity, pattern));
  return (
    LEVELS.indexOf(record.level) >= LEVELS.indexOf(level) && (include.length === 0 || names(include)) && !names(exclude)
  );
}

/** `wsgi/0`, `wsgi` (all its units), `unit-wsgi-0`, `unit-wsgi-*` */
function entityMatches(entity: string, pattern: string): boolean {
  const tag = pattern.startsWith('unit-') ? pattern : `unit-${pattern.replace('/', '-')}`;
  if (tag.endsWith('*')) return entity.startsWith(tag.slice(0, -1));
  return entity === tag || (!/-\d+$/.test(tag) && entity.replace(/-\d+$/, '') === tag);
}

/** `unit-wsgi-0: 10:04:52 INFO unit.wsgi/0.juju-log text` */
export function showRecord(record: LogRecord, milliseconds = false): string {
  const time = milliseconds ? record.time.slice(11, 23) : clockTime(record.time);
  return `${record.entity}: ${time} ${record.level} ${record.module} ${record.message}`;
}
