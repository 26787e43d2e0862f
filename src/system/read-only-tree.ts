import { chmodSync, closeSync, constants, fstatSync, openSync } from 'node:fs';
import { errorCode } from './errors.ts';
import type { Machine } from './machine.ts';
import { walkTree } from './tree-walk.ts';

/** Linux's O_PATH, which Node does not name: a handle on whatever it is, with no right to it needed. */
const HANDLE = 0o10000000 | constants.O_NOFOLLOW;

/**
 * Makes a folder readable to all and writable to its owner alone, as `chmod -R a+rX,go-w,a-s` does. But chmod follows a link that
 * takes a file's place at the right moment; here the file that is changed is the one that was looked at.
 */
export function makeReadOnly(machine: Machine, directory: string): void {
  const change = (path: string | Buffer) => {
    const fd = openHandle(path);
    if (fd === undefined) return;
    try {
      const stat = fstatSync(fd);
      const wanted = readable(stat.mode, stat.isDirectory());
      if (!stat.isSymbolicLink() && (stat.mode & 0o7777) !== wanted) chmodSync(`/proc/self/fd/${fd}`, wanted);
    } finally {
      closeSync(fd);
    }
  };
  change(machine.path(directory));
  walkTree(machine, directory, { caches: true }, (_name, _kind, path) => change(path));
}

function readable(mode: number, isDirectory: boolean): number {
  const runs = isDirectory || (mode & 0o111) !== 0;
  return ((mode & 0o7777) | (runs ? 0o555 : 0o444)) & ~0o6022;
}

function openHandle(path: string | Buffer): number | undefined {
  try {
    return openSync(path, HANDLE);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
