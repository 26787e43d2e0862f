/** Commands that run in a build, as the application's user and bounded in time, and when the one that provisions is one of them. */
import { randomBytes } from 'node:crypto';
import type { Data } from '../../reactive/types.ts';
import { digestOf } from '../../system/digest.ts';
import { environmentFile } from '../../system/environment-file.ts';
import { removeFile, writeFile } from '../../system/files.ts';
import { lastLine } from '../../system/last-line.ts';
import type { Machine } from '../../system/machine.ts';
import { transient } from '../../system/transient.ts';
import type { Variables } from '../config/environment-variables.ts';
import type { Options } from '../config/options.ts';
import { COMMAND_ENVIRONMENT, COMMAND_OUTPUT } from '../paths.ts';
import type { Procfile } from '../processes/procfile.ts';
import { madeKey, PROVISIONED } from '../source/removed.ts';
import { blocked } from '../status.ts';
import { failedBefore, forgetFailure, mayMendItself, rememberFailure } from './failures.ts';

/** Variable that tells a command whether this unit leads. */
export const LEADER = 'WSGI_LEADER';

/** A command that provisions, and where the operator finds it. */
export interface ProvisionCommand {
  /** Undefined for none. */
  readonly command: string | undefined;
  /** What a status calls it by. */
  readonly setBy: 'provision_command' | 'Procfile: release';
  /** What a sentence calls it. */
  readonly words: string;
}

/** The option's command, or else that of the Procfile. */
export function provisionCommand({ provision_command }: Options, procfile: Procfile): ProvisionCommand {
  return provision_command === undefined
    ? { command: procfile.get('release'), setBy: 'Procfile: release', words: 'the line release of the Procfile' }
    : { command: provision_command, setBy: 'provision_command', words: 'provision_command' };
}

export interface Provision extends ProvisionCommand {
  /** Whether this unit is one that runs it. */
  readonly here: boolean;
  /** Digest of the source. */
  readonly source: string;
  readonly databases: readonly string[];
  /** Called where it has to run, before it does. */
  readonly beforeRun?: () => void;
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
  if (wanted.command === undefined || !isProvisionDue(data, wanted)) return false;
  const inputs = [wanted.setBy, provisionKey(wanted), ...inputsOf(wanted.run)];
  const before = failedBefore(data, 'provision_command', inputs);
  if (before !== undefined) blocked(before);
  wanted.beforeRun?.();
  const result = await runProvision(machine, wanted.command, wanted.run);
  if (!result.ok) {
    const reason = `${wanted.setBy}: ${result.reason}`;
    if (!mayMendItself(result.output)) rememberFailure(data, 'provision_command', inputs, reason);
    blocked(reason);
  }
  rememberProvision(data, wanted);
  return true;
}

/** What decides whether the command is run. */
type ProvisionWish = Pick<Provision, 'command' | 'here' | 'source' | 'databases'>;

/** Whether this unit runs it, and something that it depends on has changed since it last ended well. */
export function isProvisionDue(data: Data, wanted: ProvisionWish): boolean {
  return wanted.command !== undefined && wanted.here && data.get(PROVISIONED) !== provisionKey(wanted);
}

function provisionKey({ command, source, databases }: ProvisionWish): string {
  return digestOf([command, source, databases]);
}

/** The command went well for this: it is not run again before something that it depends on changes. */
export function rememberProvision(data: Data, wanted: Provision): void {
  data.set(PROVISIONED, provisionKey(wanted));
  forgetFailure(data, 'provision_command');
}

/** Whether the targets have not been made of this source in this folder. */
export function isMakeDue(data: Data, targets: readonly string[], source: string, folder: string): boolean {
  return targets.length > 0 && data.get(madeKey(folder)) !== digestOf([source, targets]);
}

/** `make TARGET`, once for each build and target. */
export async function makeTarget(
  machine: Machine,
  data: Data,
  targets: readonly string[],
  source: string,
  run: Provision['run'],
): Promise<void> {
  if (!isMakeDue(data, targets, source, run.folder)) return;
  const made = madeKey(run.folder);
  const key = digestOf([source, targets]);
  const inputs = [key, ...inputsOf(run)];
  const before = failedBefore(data, 'update_make_target', inputs);
  if (before !== undefined) blocked(before);
  const result = await runInBuild(machine, { ...run, unit: 'gunicorn3-make', argv: ['make', ...targets] });
  if (!result.ok) {
    const reason = `update_make_target: ${result.reason}`;
    if (!mayMendItself(result.output)) rememberFailure(data, 'update_make_target', inputs, reason);
    blocked(reason);
  }
  data.set(made, key);
  forgetFailure(data, 'update_make_target');
}

/** What a command that failed may go well with, when it changes. */
function inputsOf({ environment, timeout, packages }: Provision['run']): unknown[] {
  // Who leads is settled within a deploy, and no reason to fail.
  return [[...environment].filter(([name]) => name !== LEADER), timeout, packages];
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
  /** Bytes of its output that are kept; 1 MiB unless told. */
  readonly keep?: number | undefined;
  /** Debian packages that the operator asks for. */
  readonly packages: readonly string[];
  /** Told what a command that failed has printed. */
  readonly log: (text: string) => void;
}

export type CommandResult =
  | { readonly ok: true; readonly code: number; readonly output: string }
  /** `reason` is fit for a status: the exit code and the last line, without secrets. */
  | { readonly ok: false; readonly code: number; readonly reason: string; readonly output: string };

/** Characters of its output that a command which failed leaves in the logs; the end is what tells. */
const MOST_OUTPUT = 64 * 1024;

/** The debug log has all of what the command printed, and so has the journal: `journalctl -u 'gunicorn3-provision*'`. */
async function tellAll(machine: Machine, { unit, log }: BuildCommand, how: string, output: string): Promise<void> {
  if (output.trim() === '') return;
  const told = output.slice(-MOST_OUTPUT);
  log(`${unit}: ${how}; it printed${told === output ? '' : ', at the end'}:\n${told}`);
  await writeFile(machine, COMMAND_OUTPUT, told, { mode: 0o600 });
  const name = `--unit=${unit}-output-${randomBytes(4).toString('hex')}.service`;
  const show = ['cat', machine.path(COMMAND_OUTPUT)];
  await machine.run('systemd-run', ['--wait', '--collect', '--quiet', name, '--', ...show], { timeout: 30 });
  await removeFile(machine, COMMAND_OUTPUT);
}

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
        keep: command.keep,
        properties: ['UMask=0027', 'NoNewPrivileges=yes', 'PrivateTmp=yes'],
      },
      command.argv,
    );
    const output = command.mask(`${stdout}${stderr}`);
    if (code === 0 && !timedOut) return { ok: true, code, output };
    const said = lastLine(command.mask(stderr.trim() === '' ? stdout : stderr));
    const how = timedOut ? `took longer than ${command.timeout} s` : `exit code ${code}`;
    await tellAll(machine, command, how, output);
    return { ok: false, code, reason: said === '' ? how : `${how}: ${said}`, output };
  } finally {
    await removeFile(machine, COMMAND_ENVIRONMENT);
  }
}
