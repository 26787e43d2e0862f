import { closeSync, constants, fstatSync, lstatSync, mkdirSync, openSync, readlinkSync } from 'node:fs';
import { posix } from 'node:path';
import { about, errorCode, MachineError } from './errors.ts';
import type { Machine } from './machine.ts';

/** Linux's O_PATH, which Node does not name: a handle on the place, with no right to read needed. */
const O_PATH = 0o10000000;
const DIRECTORY = constants.O_DIRECTORY | constants.O_NOFOLLOW | O_PATH;
/** As in the kernel's own bound on links in one path. */
const MOST_LINKS = 40;

/** A folder held open, so that no other user can replace it while something is done in it. */
export interface HeldDirectory {
  readonly fd: number;
  /** Another user than root owns it, or a folder above it, and may put something else at its path. */
  readonly foreign: boolean;
  /** A path of a name in it that file functions and programs take while it is held. */
  at(name: string): string;
}

/** Makes missing folders, as `mkdir -p` does; they are root's, and readable to all. */
export interface Walk {
  readonly make?: boolean;
}

/**
 * Calls `use` with the parent folder of a path held open, and the path's last name.
 *
 * The walk goes down folder by folder and follows a symbolic link only when root or the charm's own user made it, and not
 * in a folder of another user: code of an application may write in some of the folders, and must lead root nowhere else, by a
 * link of its own or by one of root's that it moved.
 *
 * @throws MachineError when a file or a foreign link stands where a folder should be
 */
export async function inParent<T>(
  machine: Machine,
  path: string,
  walk: Walk,
  use: (parent: HeldDirectory, name: string) => T | Promise<T>,
): Promise<T> {
  const full = machine.path(path).replace(/\/+$/, '');
  try {
    return await withDirectory(machine, posix.dirname(full), walk, (held) => use(held, posix.basename(full)));
  } catch (error) {
    throw about(path, error);
  }
}

/** Calls `use` with a folder held open, as {@link inParent} does with the one above a path. */
export async function inDirectory<T>(
  machine: Machine,
  path: string,
  use: (held: HeldDirectory) => T | Promise<T>,
): Promise<T> {
  try {
    return await withDirectory(machine, machine.path(path), {}, use);
  } catch (error) {
    throw about(path, error);
  }
}

async function withDirectory<T>(
  machine: Machine,
  full: string,
  walk: Walk,
  use: (held: HeldDirectory) => T | Promise<T>,
): Promise<T> {
  const { fd, foreign } = openWalking(machine, full, walk);
  try {
    return await use({ fd, foreign, at: (name) => `/proc/self/fd/${fd}/${name}` });
  } finally {
    closeSync(fd);
  }
}

/**
 * Opens a folder as {@link inParent} finds one, by its path on this host. The caller closes it.
 *
 * @returns a handle on the place, and whether another user owns it or a folder above it
 */
export function openWalking(
  machine: Machine,
  full: string,
  walk: Walk = {},
): { readonly fd: number; readonly foreign: boolean } {
  const start = machine.root !== '' && isBelow(full, machine.root) ? machine.root : '/';
  if (walk.make === true && start !== '/') mkdirSync(start, { recursive: true });
  let names = namesOf(full.slice(start.length));
  let fd = openSync(start, constants.O_DIRECTORY | O_PATH);
  let done = start;
  let links = 0;
  let foreign = false;
  try {
    for (let name = names.shift(); name !== undefined; name = names.shift()) {
      const here = `/proc/self/fd/${fd}/${name}`;
      const next = openDirectory(here, walk);
      if (next === undefined) {
        const target = linkTarget(here, posix.join(done, name), foreign);
        if (++links > MOST_LINKS) throw new MachineError(`${full} has too many symbolic links`);
        names = [...namesOf(posix.resolve(done, target)), ...names];
        closeSync(fd);
        fd = openSync('/', constants.O_DIRECTORY | O_PATH);
        done = '/';
      } else {
        closeSync(fd);
        fd = next;
        done = posix.join(done, name);
        foreign ||= !isTrusted(fstatSync(fd).uid);
      }
    }
    return { fd, foreign };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '');
}

/** Whether a path is a folder or lies in it; both absolute and without `..`. */
export function isBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory === '/' ? '/' : `${directory}/`);
}

/** Opens one folder; undefined when the name is a symbolic link. */
function openDirectory(path: string, walk: Walk): number | undefined {
  try {
    return openSync(path, DIRECTORY);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' && walk.make === true) {
      makeDirectory(path);
      return openSync(path, DIRECTORY);
    }
    if (code === 'ELOOP' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o755 });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}

function linkTarget(here: string, shown: string, foreign: boolean): string {
  const stat = lstatSync(here);
  if (!stat.isSymbolicLink()) throw new MachineError(`${shown} is a file where a directory should be; move it away`);
  if (!isTrusted(stat.uid)) {
    throw new MachineError(`${shown} is a symbolic link that root did not make; replace it by what it points at`);
  }
  if (foreign) {
    throw new MachineError(`${shown} is a symbolic link in a folder of another user; replace it by what it points at`);
  }
  return readlinkSync(here);
}

/** Links made by root or by who runs the charm may be followed. */
function isTrusted(uid: number): boolean {
  return uid === 0 || uid === process.geteuid?.();
}

/** Whether an open file is a regular one, so that no pipe or device planted in its place is read. */
export function isRegular(fd: number): boolean {
  return fstatSync(fd).isFile();
}
