import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  symlinkSync,
} from 'node:fs';
import { linkOptional, openOptional, optional, unlinkOptional } from './absent.ts';
import { freshFor, writeFresh } from './atomic-file.ts';
import { errorCode, MachineError } from './errors.ts';
import type { Machine } from './machine.ts';
import { giveTo, giveTreeTo, type Ownership } from './owner.ts';
import { type HeldDirectory, inParent, isRegular } from './safe-path.ts';

export interface FileOptions extends Ownership {
  /** Permission bits, such as `0o644`. The file has them from the moment it appears under its name. */
  readonly mode: number;
}

/** Opening these neither follows a link nor waits for the other end of a pipe. */
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * Puts a file with this content, mode and owner in place, in one step for whoever reads it. A symbolic link of that
 * name is replaced, not followed. Missing folders are made.
 *
 * @returns whether content, mode or owner were different
 * @throws MachineError when it cannot be written, such as on a full disk
 */
export function writeFile(
  machine: Machine,
  path: string,
  content: string | Uint8Array,
  options: FileOptions,
): Promise<boolean> {
  const bytes = Buffer.from(content);
  return inParent(machine, path, { make: true }, async (parent, name) => {
    const present = openOptional(parent.at(name), READ);
    if (present !== undefined) {
      try {
        if (isSame(present, bytes, options.mode)) return await giveTo(machine, present, options);
      } finally {
        closeSync(present);
      }
    }
    await replace(parent, name, (path) =>
      writeFresh(path, bytes, async (fd) => {
        await giveTo(machine, fd, options);
        fchmodSync(fd, options.mode);
      }),
    );
    return true;
  });
}

function isSame(fd: number, bytes: Uint8Array, mode: number): boolean {
  const stat = fstatSync(fd);
  return stat.isFile() && (stat.mode & 0o7777) === mode && stat.size === bytes.length && readFileSync(fd).equals(bytes);
}

/** Makes something beside a name and renames it over the name, so that a killed hook leaves the old or the new. */
async function replace(parent: HeldDirectory, name: string, make: (path: string) => unknown): Promise<void> {
  const fresh = freshFor(parent, name);
  try {
    await make(fresh.path);
    fresh.put();
  } catch (error) {
    fresh.drop();
    throw error;
  }
}

/** The bytes of a regular file; undefined when there is none. Links are not followed. */
export function readBytes(machine: Machine, path: string): Promise<Buffer | undefined> {
  return optional(
    inParent(machine, path, {}, (parent, name) => {
      const fd = openSync(parent.at(name), READ);
      try {
        if (!isRegular(fd)) throw new MachineError(`${path} is not a file; move it away`);
        return readFileSync(fd);
      } finally {
        closeSync(fd);
      }
    }),
  );
}

/** The text of a regular file, as UTF-8; undefined when there is none. Links are not followed. */
export async function readFile(machine: Machine, path: string): Promise<string | undefined> {
  return (await readBytes(machine, path))?.toString('utf8');
}

/** Removes a file or a symbolic link; says whether there was one. */
export function removeFile(machine: Machine, path: string): Promise<boolean> {
  return optional(inParent(machine, path, {}, (parent, name) => unlinkOptional(parent.at(name)))).then(Boolean);
}

/** Removes a folder with all that is in it, or a file; links are removed, not followed. Says whether there was one. */
export async function removeTree(machine: Machine, path: string): Promise<boolean> {
  const removed = inParent(machine, path, {}, async (parent, name) => {
    if (!readdirSync(parent.at('.')).includes(name)) return false;
    const full = `/proc/${process.pid}/fd/${parent.fd}/${name}`;
    const { code, stderr } = await machine.run('rm', ['-rf', '--one-file-system', '--', full]);
    if (code !== 0) throw new MachineError(`${path} cannot be removed: ${stderr.trim()}`);
    return true;
  });
  return (await optional(removed)) ?? false;
}

/**
 * Makes a folder, and those above it that are missing, with this mode and owner.
 *
 * @returns whether anything was changed
 * @throws MachineError when a file is in the way
 */
export function ensureDirectory(machine: Machine, path: string, options: FileOptions): Promise<boolean> {
  return inParent(machine, path, { make: true }, async (parent, name) => {
    let changed = makeMissing(parent.at(name));
    const fd = openFolder(parent.at(name), path);
    try {
      if (await giveTo(machine, fd, options)) changed = true;
      if ((fstatSync(fd).mode & 0o7777) !== options.mode) {
        fchmodSync(fd, options.mode);
        changed = true;
      }
      return changed;
    } finally {
      closeSync(fd);
    }
  });
}

/** Gives a folder and all below it to an owner; links in it are given, not followed. */
export function giveTree(machine: Machine, path: string, ownership: Ownership): Promise<void> {
  return inParent(machine, path, {}, async (parent, name) => {
    const fd = openFolder(parent.at(name), path);
    try {
      await giveTreeTo(machine, fd, ownership);
    } finally {
      closeSync(fd);
    }
  });
}

/** A folder is made with no rights for others, which it gets once it has its owner. */
function makeMissing(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function openFolder(path: string, shown: string): number {
  try {
    return openSync(path, DIRECTORY);
  } catch (error) {
    if (!['ENOTDIR', 'ELOOP'].includes(errorCode(error) ?? '')) throw error;
    throw new MachineError(`${shown} is a file where a directory should be; move it away`, { cause: error });
  }
}

/**
 * Points a symbolic link at a target, in one step for whoever follows it. An absolute target is a path of the machine.
 *
 * @returns whether it was missing or pointed elsewhere
 * @throws MachineError when a folder is in the way
 */
export function ensureSymlink(machine: Machine, path: string, target: string): Promise<boolean> {
  const wanted = target.startsWith('/') ? machine.path(target) : target;
  return inParent(machine, path, { make: true }, async (parent, name) => {
    if (linkOptional(parent.at(name)) === wanted) return false;
    try {
      await replace(parent, name, (temporary) => symlinkSync(wanted, temporary));
    } catch (error) {
      if (!['EISDIR', 'ENOTEMPTY', 'EEXIST'].includes(errorCode(error) ?? '')) throw error;
      throw new MachineError(`${path} is a directory where a symbolic link should be; move it away`, { cause: error });
    }
    return true;
  });
}

/** What a symbolic link holds, as it is written there; undefined when there is no such link. */
export async function readSymlink(machine: Machine, path: string): Promise<string | undefined> {
  return optional(inParent(machine, path, {}, (parent, name) => linkOptional(parent.at(name))));
}

/** Names in a folder, sorted; none when there is no such folder. */
export async function listDirectory(machine: Machine, path: string): Promise<string[]> {
  const listed = inParent(machine, path, {}, (parent, name) => {
    const fd = openFolder(parent.at(name), path);
    try {
      return readdirSync(`/proc/self/fd/${fd}`).sort();
    } finally {
      closeSync(fd);
    }
  });
  return (await optional(listed)) ?? [];
}
