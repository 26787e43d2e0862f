import { randomBytes } from 'node:crypto';
import type { Machine, RunResult } from './machine.ts';
import { propertyWord } from './unit-words.ts';

/** A command that runs once, as a transient unit of systemd: in a control group of its own, that ends as a whole. */
export interface TransientUnit {
  /** What the unit is called, such as `gunicorn3-provision`; something unique is added. */
  readonly unit: string;
  readonly user: string;
  /** The primary group of the user unless told. */
  readonly group?: string;
  /** As a path of the machine, like all paths here. */
  readonly workingDirectory?: string;
  /** Files of `NAME=value` lines; secrets travel in these, readable by root alone. */
  readonly environmentFile?: string | readonly string[];
  /** Variables for everyone to see: they stand in the process list. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Seconds after which the unit is ended with all its processes. */
  readonly timeout: number;
  /** The only folders that the command may write, besides its own /tmp; everywhere that the user may when absent. */
  readonly readWritePaths?: readonly string[];
  /** Further properties as `Name=value`. */
  readonly properties?: readonly string[];
  /** Written to standard input. */
  readonly input?: string | Uint8Array;
  readonly onLine?: (line: string) => void;
  /** Bytes kept of each output stream; 1 MiB unless told. */
  readonly keep?: number | undefined;
}

/** Seconds between the end of the time bound and systemd's own, which counts when the hook is killed. */
const AFTER = 10;

/**
 * Runs a command as a transient unit by systemd-run(1), and waits for it. Arguments arrive as they are: nothing in them is
 * expanded. The program is a path of the machine as it will be seen, or found on systemd's PATH.
 *
 * @returns the command's exit code and output; `timedOut` when its time was up
 */
export async function transient(
  machine: Machine,
  options: TransientUnit,
  argv: readonly [string, ...string[]],
): Promise<RunResult> {
  // What a hook that was killed left running would get in the way of this one.
  await machine.run('systemctl', ['stop', '--', `${options.unit}-*.service`], { timeout: 60 });
  const unit = `${options.unit}-${randomBytes(4).toString('hex')}.service`;
  const flags = ['--wait', '--pipe', '--collect', '--quiet', `--unit=${unit}`];
  const properties = unitProperties(machine, options).flatMap((property) => ['-p', property]);
  const result = await machine.run(
    'systemd-run',
    [...flags, ...properties, '--', argv[0], ...argv.slice(1).map(escapeDollar)],
    {
      timeout: options.timeout,
      input: options.input,
      onLine: options.onLine,
      keep: options.keep,
    },
  );
  // What ended is the client that waited; the command itself is systemd's.
  if (result.timedOut) await machine.run('systemctl', ['stop', '--', unit], { timeout: 60 });
  return result;
}

function unitProperties(machine: Machine, options: TransientUnit): string[] {
  const files = [options.environmentFile ?? []].flat();
  const writable = options.readWritePaths?.map((path) => machine.path(path)) ?? [];
  return [
    `User=${options.user}`,
    ...(options.group === undefined ? [] : [`Group=${options.group}`]),
    ...(options.workingDirectory === undefined ? [] : [`WorkingDirectory=${machine.path(options.workingDirectory)}`]),
    ...files.map((file) => `EnvironmentFile=${machine.path(file)}`),
    ...Object.entries(options.environment ?? {}).map(
      ([name, value]) => `Environment=${propertyWord(`${name}=${value}`)}`,
    ),
    `RuntimeMaxSec=${Math.ceil(options.timeout) + AFTER}`,
    'TimeoutStopSec=5',
    ...(writable.length === 0
      ? []
      : ['ProtectSystem=strict', 'PrivateTmp=yes', `ReadWritePaths=${writable.map(propertyWord).join(' ')}`]),
    ...(options.properties ?? []),
  ];
}

/** systemd replaces `$NAME` in the arguments of a unit, and `$$` by `$`. */
function escapeDollar(argument: string): string {
  return argument.replaceAll('$', '$$$$');
}
