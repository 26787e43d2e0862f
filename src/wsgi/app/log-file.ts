/** The log file: made before the application starts, given to its user, rotated. */
import { closeSync, constants, fchmodSync, fstatSync, lstatSync, openSync } from 'node:fs';
import { optional } from '../../system/absent.ts';
import { runAs } from '../../system/as-user.ts';
import { errorCode } from '../../system/errors.ts';
import { readFile, removeFile, writeFile } from '../../system/files.ts';
import { lastLine } from '../../system/last-line.ts';
import type { Machine } from '../../system/machine.ts';
import { giveTo } from '../../system/owner.ts';
import { inParent } from '../../system/safe-path.ts';
import { lookUpUser } from '../../system/users.ts';
import { LOG_ROTATION, LOGS_MADE } from '../paths.ts';
import type { Account } from '../source/data-paths.ts';
import { blocked } from '../status.ts';

const NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const PRESENT = constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** The machine that a log file is made on, and the unit of Juju that it belongs to. */
interface LogOwner {
  readonly machine: Machine;
  readonly juju: { readonly unit: { readonly unit: string } };
}

/**
 * Makes the log file, which only the application's user can write and read, and its rotation.
 *
 * The rotation is written first: a hook that is ended before the file is made leaves in it that the path is ours.
 *
 * @param path undefined for no log file
 * @throws Problem when something is there that is not a log of this application
 */
export async function ensureLogFile(api: LogOwner, path: string | undefined, account: Account): Promise<void> {
  const { machine, juju } = api;
  if (path === undefined) {
    await removeFile(machine, LOG_ROTATION);
    return;
  }
  const logFile = machine.path(path);
  const before = ((await readFile(machine, LOGS_MADE)) ?? '').split('\n').filter((line) => line !== '');
  const ours = before.includes(path) || (await readFile(machine, LOG_ROTATION))?.includes(`"${logFile}"`) === true;
  const rootsFolder = !(await isBelowForeign(machine, path));
  const rotate = async () => {
    const text = logRotation({ ...account, owner: juju.unit.unit, logFile, rootsFolder });
    await writeFile(machine, LOG_ROTATION, text, { mode: 0o644 });
  };
  if (rootsFolder) {
    await inParent(machine, path, { make: true }, async (parent, name) => {
      if (!ours) await checkFree(machine, parent.at(name), path, account);
      await rotate();
      await giveLog(machine, parent.at(name), path, account);
    });
  } else {
    await makeAsUser(machine, path, account);
    await rotate();
  }
  if (!before.includes(path)) await writeFile(machine, LOGS_MADE, `${[...before, path].join('\n')}\n`, { mode: 0o644 });
}

/** Whether another user than root owns one of the folders above it that are there, and could put others in their places. */
async function isBelowForeign(machine: Machine, path: string): Promise<boolean> {
  const above = path.slice(0, path.lastIndexOf('/'));
  if (above === '') return false;
  const parent = await optional(inParent(machine, path, {}, ({ foreign }) => foreign));
  return parent ?? isBelowForeign(machine, above);
}

/** Exit code of the program below where something else is there. */
const NOT_A_LOG = 3;
const MAKE_LOG = `set -e
umask 027
mkdir -p -- "\${1%/*}"
[ ! -L "$1" ] || exit ${NOT_A_LOG}
[ ! -e "$1" ] || { [ -f "$1" ] && [ -O "$1" ]; } || exit ${NOT_A_LOG}
umask 077
: >>"$1"
chmod 600 -- "$1"`;

/** In a folder of the application's, or of anybody's but root, no more is done than its user may do. */
async function makeAsUser(machine: Machine, path: string, account: Account): Promise<void> {
  const argv = ['sh', '-c', MAKE_LOG, 'sh', machine.path(path)] as const;
  const { code, stderr } = await runAs(machine, account, argv, { timeout: 60 });
  if (code === NOT_A_LOG) notALog(path);
  if (code === 0) return;
  blocked(`wsgi_logfile_path: ${account.user} cannot make ${path}: ${lastLine(stderr)}; choose another`);
}

/** Nothing is there, or a file of the application's user. */
async function checkFree(machine: Machine, file: string, path: string, { user }: Account): Promise<void> {
  const present = lstatSync(file, { throwIfNoEntry: false });
  if (present === undefined) return;
  const uid = (await lookUpUser(machine, user))?.uid;
  if (!present.isFile() || present.uid !== uid) notALog(path);
}

async function giveLog(machine: Machine, file: string, path: string, { user, group }: Account): Promise<void> {
  const fd = openPresent(file, path) ?? openSync(file, NEW, 0o600);
  try {
    const { mode, nlink } = fstatSync(fd);
    // Another name of it may be a file that the application may not have.
    if (nlink > 1 || !fstatSync(fd).isFile()) notALog(path);
    await giveTo(machine, fd, { owner: user, group });
    if ((mode & 0o7777) !== 0o600) fchmodSync(fd, 0o600);
  } finally {
    closeSync(fd);
  }
}

function notALog(path: string): never {
  return blocked(`wsgi_logfile_path: ${path} is there and not a log of this application; choose another`);
}

/** Undefined where there is no file. */
function openPresent(file: string, path: string): number | undefined {
  try {
    return openSync(file, PRESENT);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    // A symbolic link, a folder, a pipe without a reader.
    if (['ELOOP', 'EISDIR', 'ENXIO'].includes(errorCode(error) ?? '')) return notALog(path);
    throw error;
  }
}

/** What logrotate(8) is told of the log file. */

export interface LogRotationSpec {
  /** The unit of Juju that the file belongs to. */
  readonly owner: string;
  /** As the machine's processes see it. */
  readonly logFile: string;
  readonly user: string;
  readonly group: string;
  /** Root owns all folders above the log file, so that no other user can lead logrotate elsewhere by a link or another folder. */
  readonly rootsFolder: boolean;
}

/**
 * A file for /etc/logrotate.d. No signal is sent: the copier sees that the path names another file, and may still write into the
 * one before until its next line, so that one is compressed a turn later.
 */
export function logRotation({ owner, logFile, user, group, rootsFolder }: LogRotationSpec): string {
  const settings = [
    'weekly',
    'maxsize 100M',
    'rotate 8',
    'missingok',
    'notifempty',
    'compress',
    'delaycompress',
    `su ${rootsFolder ? 'root root' : `${user} ${group}`}`,
    `create 0600 ${user} ${group}`,
  ];
  return [`# Owner: ${owner}`, `"${logFile}" {`, ...settings.map((setting) => `    ${setting}`), '}', ''].join('\n');
}
