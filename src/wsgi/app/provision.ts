/** Commands that run in a build, as the application's user and bounded in time, and when provision_command is one of them. */
import type { Data } from '../../reactive/types.ts';
import { digestOf } from '../../system/digest.ts';
import { environmentFile } from '../../system/environment-file.ts';
import { removeFile, writeFile } from '../../system/files.ts';
import { lastLine } from '../../system/last-line.ts';
import type { Machine } from '../../system/machine.ts';
import { transient } from '../../system/transient.ts';
import type { Variables } from '../config/environment-variables.ts';
import { COMMAND_ENVIRONMENT } from '../paths.ts';
import { blocked } from '../status.ts';

const KEY = 'wsgi.provisioned';

export interface Provision {
  /** The option's value; undefined for none. */
  readonly command: string | undefined;
  /** Whether this unit is one that runs it. */
  readonly here: boolean;
  /** Digest of the source. */
  readonly source: string;
  readonly databases: readonly string[];
  /** Everything else that the command is run with. */
  readonly run: Omit<BuildCommand, 'argv' | 'unit'>;
}

/**
 * Runs the command if something that it depends on has changed since it last ended well.
 *
 * @returns whether it ran
 * @throws Problem with the exit code and the last line
 */
export async function provision(machine: Machine, data: Data, wanted: Provision): Promise<boolean> {
  if (wanted.command === undefined || !wanted.here) return false;
  const key = digestOf([wanted.command, wanted.source, wanted.databases]);
  if (data.get(KEY) === key) return false;
  const result = await runProvision(machine, wanted.command, wanted.run);
  if (!result.ok) blocked(`provision_command: ${result.reason}`);
  data.set(KEY, key);
  return true;
}

/** Runs the command whatever has changed. */
export function runProvision(
  machine: Machine,
  command: string,
  run: Omit<BuildCommand, 'argv' | 'unit'>,
): Promise<CommandResult> {
  return runInBuild(machine, { ...run, unit: 'gunicorn3-provision', argv: ['/bin/bash', '-c', command] });
}

export interface BuildCommand {
  /** What the transient unit is called: `gunicorn3-provision`. */
  readonly unit: string;
  readonly argv: readonly [string, ...string[]];
  readonly user: string;
  readonly group: string;
  /** The application's folder, as a machine path. */
  readonly folder: string;
  readonly environment: Variables;
  /** Seconds. */
  readonly timeout: number;
  readonly mask: (text: string) => string;
  readonly onLine?: (line: string) => void;
}

export type CommandResult =
  | { readonly ok: true; readonly output: string }
  /** `reason` is fit for a status: the exit code and the last line, without secrets. */
  | { readonly ok: false; readonly reason: string; readonly output: string };

/** Runs it and waits. The environment is in a file that only root reads, and that is gone afterwards. */
export async function runInBuild(machine: Machine, command: BuildCommand): Promise<CommandResult> {
  await writeFile(machine, COMMAND_ENVIRONMENT, environmentFile(command.environment), { mode: 0o600 });
  try {
    const { code, stdout, stderr, timedOut } = await transient(
      machine,
      {
        unit: command.unit,
        user: command.user,
        group: command.group,
        workingDirectory: command.folder,
        environmentFile: COMMAND_ENVIRONMENT,
        timeout: command.timeout,
        properties: ['UMask=0027', 'NoNewPrivileges=yes', 'PrivateTmp=yes'],
        onLine: command.onLine,
      },
      command.argv,
    );
    const output = command.mask(`${stdout}${stderr}`);
    if (code === 0 && !timedOut) return { ok: true, output };
    const said = lastLine(command.mask(stderr.trim() === '' ? stdout : stderr));
    const how = timedOut ? `took longer than ${command.timeout} s` : `exit code ${code}`;
    return { ok: false, reason: said === '' ? how : `${how}: ${said}`, output };
  } finally {
    await removeFile(machine, COMMAND_ENVIRONMENT);
  }
}
