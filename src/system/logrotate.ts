import { lstatSync } from 'node:fs';
import { posix } from 'node:path';
import { MachineError } from './errors.ts';
import { readFile, removeFile, writeFile } from './files.ts';
import type { Machine } from './machine.ts';
import { isTrusted } from './safe-path.ts';

/** How one log file is rotated: renamed, and made anew for whoever writes it, who sees that by itself. */
export interface LogRotation {
  /** Who the configuration belongs to, such as the unit `wsgi/0`; another one's is left alone. */
  readonly owner: string;
  /** The log file, as a path of the machine, of characters that mean nothing to logrotate. */
  readonly path: string;
  readonly user: string;
  readonly group: string;
  /** Permission bits of the file. */
  readonly mode: number;
  /** How many weeks are kept. */
  readonly weeks: number;
  /** Size at which a file is rotated before its week is over, as logrotate writes it: `100M`. */
  readonly maxSize: string;
}

const FOLDER = '/etc/logrotate.d';
const MARK = '# Owner: ';

/**
 * Has logrotate(8) rotate a log file.
 *
 * @param name - of the file in /etc/logrotate.d
 * @returns whether the configuration was missing or different
 * @throws MachineError when there is one of another owner
 */
export async function ensureLogRotation(machine: Machine, name: string, rotation: LogRotation): Promise<boolean> {
  const path = `${FOLDER}/${name}`;
  const present = await readFile(machine, path);
  if (present !== undefined && ownerOf(present) !== rotation.owner) {
    throw new MachineError(`${path} belongs to ${ownerOf(present) ?? 'somebody else'}; move it away`);
  }
  return writeFile(machine, path, render(machine, rotation), { mode: 0o644 });
}

/** Has logrotate leave it alone; what was rotated stays. Says whether there was a configuration of this owner. */
export async function removeLogRotation(machine: Machine, name: string, owner: string): Promise<boolean> {
  const path = `${FOLDER}/${name}`;
  const present = await readFile(machine, path);
  return present !== undefined && ownerOf(present) === owner && (await removeFile(machine, path));
}

function ownerOf(text: string): string | undefined {
  const [first = ''] = text.split('\n');
  return first.startsWith(MARK) ? first.slice(MARK.length) : undefined;
}

function render(machine: Machine, rotation: LogRotation): string {
  const { owner, path, user, group, mode, weeks, maxSize } = rotation;
  const lines = [
    // In a folder of the application's, logrotate works as the application: it does nothing there as root.
    ...(isOthers(machine.path(posix.dirname(path))) ? [`su ${user} ${group}`] : []),
    `create ${mode.toString(8).padStart(4, '0')} ${user} ${group}`,
    'weekly',
    `maxsize ${maxSize}`,
    `rotate ${weeks}`,
    'missingok',
    'notifempty',
    'compress',
    // Whoever writes the file goes on writing to the renamed one until its next line.
    'delaycompress',
  ];
  return `${MARK}${owner}\n"${machine.path(path)}" {\n${lines.map((line) => `    ${line}\n`).join('')}}\n`;
}

function isOthers(folder: string): boolean {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  return stat !== undefined && !isTrusted(stat.uid);
}
