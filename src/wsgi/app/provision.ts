/** provision_command: before a new source, command or database is served, and not for anything else. */
import type { Data } from '../../reactive/types.ts';
import type { Machine } from '../../system/machine.ts';
import { digestOf } from '../digest.ts';
import { blocked } from '../status.ts';
import { type BuildCommand, type CommandResult, runInBuild } from './commands.ts';

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
