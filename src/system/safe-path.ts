import { closeSync, constants, fstatSync, lstatSync, mkdirSync, openSync, readlinkSync } from 'node:fs';
import { posix } from 'node:path';
import { about, errorCode, MachineError } from './errors.ts';
import type { Machine } from './machine.ts';

/** Linux's O_PATH, which Node does not name: a handle on the place, with no right to read needed. */
const O_PATH = 0o10000000;
const DIRECTORY = constants.O_DIRECTORY | constants.O_NOFOLLOW | O_PATH;
/** As in the kernel's own bound on links in one path. */
const MOST_LINKS = 40;

/** A folder held open, so that nobody can exchange it for another while something is done in it. */
export interface HeldDirectory {
  readonly fd: number;
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
 * The walk goes down folder by folder and follows a symbolic link only when root or the charm's own user made it: code
 * of an application may write in some of the folders, and must not lead root elsewhere by a link.
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

async function withDirectory<T>(
  machine: Machine,
  full: string,
  walk: Walk,
  use: (held: HeldDirectory) => T | Promise<T>,
): Promise<T> {
  const start = machine.root !== '' && isBelow(full, machine.root) ? machine.root : '/';
  if (walk.make === true && start !== '/') mkdirSync(start, { recursive: true });
  let names = full
    .slice(start.length)
    .split('/')
    .filter((name) => name !== '');
  let fd = openSync(start, constants.O_DIRECTORY | O_PATH);
  let done = start;
  let links = 0;
  try {
    for (let name = names.shift(); name !== undefined; name = names.shift()) {
      const here = `/proc/self/fd/${fd}/${name}`;
      const next = openDirectory(here, walk);
      if (next === undefined) {
        const target = linkTarget(here, posix.join(done, name));
        if (++links > MOST_LINKS) throw new MachineError(`${full} has too many symbolic links`);
        names = [
          ...posix
            .resolve(done, target)
            .split('/')
            .filter((part) => part !== ''),
          ...names,
        ];
        closeSync(fd);
        fd = openSync('/', constants.O_DIRECTORY | O_PATH);
        done = '/';
      } else {
        closeSync(fd);
        fd = next;
        done = posix.join(done, name);
      }
    }
    const held = fd;
    return await use({ fd: held, at: (name) => `/proc/self/fd/${held}/${name}` });
  } finally {
    closeSync(fd);
  }
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

function linkTarget(here: string, shown: string): string {
  const stat = lstatSync(here);
  if (!stat.isSymbolicLink()) throw new MachineError(`${shown} is a file where a directory should be; move it away`);
  if (!isTrusted(stat.uid)) {
    throw new MachineError(`${shown} is a symbolic link that root did not make; replace it by what it points at`);
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
