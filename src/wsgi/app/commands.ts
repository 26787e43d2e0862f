/** Commands of the operator's that run in a build: as the application's user, with its environment, bounded in time. */

import { environmentFile } from '../../system/environment-file.ts';
import { removeFile, writeFile } from '../../system/files.ts';
import { lastLine } from '../../system/last-line.ts';
import type { Machine } from '../../system/machine.ts';
import { transient } from '../../system/transient.ts';
import type { Variables } from '../config/environment-variables.ts';
import { COMMAND_ENVIRONMENT } from '../paths.ts';

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
