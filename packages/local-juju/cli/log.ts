/** debug-log */

import { watch } from 'node:fs';
import { Command, Option } from 'commander';
import { LocalError } from '../model/local-error.ts';
import { type LogFilter, type LogRecord, readLog, showRecord } from '../model/log.ts';
import type { LogLevel } from '../types.ts';
import { collect } from './options.ts';
import type { Terminal } from './terminal.ts';

interface LogFlags {
  readonly replay?: boolean;
  readonly tail?: boolean;
  readonly follow?: boolean;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly level?: LogLevel;
  readonly lines?: string;
  readonly limit?: string;
  readonly ms?: boolean;
  readonly format: string;
}

const LEVELS: readonly LogLevel[] = ['TRACE', 'DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'];

export function debugLog(terminal: Terminal): Command {
  return new Command('debug-log')
    .description('show the log; on a terminal, or with -f, as it grows')
    .option('--replay', 'from the beginning')
    .option('-f, --follow', 'go on as it grows')
    .addOption(new Option('--tail', 'the same').hideHelp())
    .addOption(new Option('--no-tail', 'do not go on'))
    .option('-i, --include <entity>', 'only of a unit or application', collect)
    .option('-x, --exclude <entity>', 'not of a unit or application', collect)
    .addOption(new Option('-l, --level <level>', 'at least').choices(LEVELS).argParser((text) => text.toUpperCase()))
    .option('-n, --lines <number>', 'how many of the last lines at first', '10')
    .option('--limit <number>', 'stop after so many')
    .option('--ms', 'times to the millisecond')
    .addOption(new Option('--location', 'taken; there is no place in a source here').hideHelp())
    .addOption(new Option('--format <format>').choices(['text', 'json']).default('text'))
    .action(async (flags: LogFlags, command: Command) => {
      if (flags.tail === false && command.getOptionValueSource('lines') === 'cli') {
        throw new LocalError('setting --no-tail and --lines not valid', 2);
      }
      const { dir } = terminal.open(command);
      const filter: LogFilter = {
        include: flags.include,
        exclude: flags.exclude,
        level: flags.level,
      };
      const { records, offset } = readLog(dir, 0, filter);
      const first = flags.replay === true ? records : records.slice(-Number(flags.lines));
      const limited = flags.limit === undefined ? first : first.slice(0, Number(flags.limit));
      for (const record of limited) terminal.out(shown(terminal, record, flags));
      const follows = flags.follow === true || (flags.tail !== false && terminal.isTerminal);
      if (follows && flags.limit === undefined) await follow(terminal, dir, offset, filter, flags);
    });
}

/** Until Ctrl-C, or until nothing reads what is printed. */
async function follow(
  terminal: Terminal,
  dir: string,
  from: number,
  filter: LogFilter,
  flags: LogFlags,
): Promise<void> {
  let offset = from;
  const watcher = watch(dir);
  process.once('SIGINT', () => watcher.close());
  process.stdout.once('error', () => watcher.close());
  watcher.on('change', (_event, file) => {
    if (String(file) !== 'log.jsonl') return;
    const more = readLog(dir, offset, filter);
    offset = more.offset;
    for (const record of more.records) terminal.out(shown(terminal, record, flags));
  });
  await new Promise((resolve) => watcher.once('close', resolve));
}

function paintLevel(colors: Terminal['colors'], level: LogLevel): string {
  const paints: Readonly<Record<LogLevel, (text: string) => string>> = {
    TRACE: colors.gray,
    DEBUG: colors.gray,
    INFO: colors.blue,
    WARNING: colors.yellow,
    ERROR: colors.red,
    CRITICAL: colors.bgRed,
  };
  return paints[level](level);
}

function shown({ colors }: Terminal, record: LogRecord, flags: LogFlags): string {
  if (flags.format === 'json') {
    const { time, entity, level, module, message } = record;
    return JSON.stringify({ timestamp: time, entity, level, module, message });
  }
  return showRecord(record, flags.ms === true).replace(` ${record.level} `, ` ${paintLevel(colors, record.level)} `);
}
