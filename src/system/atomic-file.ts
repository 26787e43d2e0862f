/** Files that are there whole or not at all, after a killed hook and after a power cut. */
import { closeSync, fchmodSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { unlinkOptional } from './absent.ts';

/** Makes a new file: fails where there is one of that name, or a link. */
const CREATE = 'wx';

/** A folder in which a name is replaced. */
export interface Folder {
  /** A path of a name in it that file functions take. */
  at(name: string): string;
}

/** What will stand under a name. */
export interface Fresh {
  /** Where to make it: beside the name, in the same file system. */
  readonly path: string;
  /** Renames it over the name, and syncs the folder. */
  put(): void;
  /** Removes what was made. */
  drop(): void;
}

/** Begins the replacement of a name; what an earlier attempt left is removed. */
export function freshFor(folder: Folder, name: string): Fresh {
  const path = folder.at(`.${name.slice(0, 200)}.new`);
  unlinkOptional(path);
  return {
    path,
    put() {
      renameSync(path, folder.at(name));
      syncFolder(folder);
    },
    drop: () => void unlinkOptional(path),
  };
}

/** Makes a file that only its owner can read, writes and syncs it. `finish` is called with it open, to give it an owner and a mode. */
export async function writeFresh(
  path: string,
  bytes: Uint8Array,
  finish: (fd: number) => void | Promise<void>,
): Promise<void> {
  const fd = openSync(path, CREATE, 0o600);
  try {
    writeAll(fd, bytes);
    await finish(fd);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * Replaces a file that only its owner can read (0600), by its path on this host. Its folder is there.
 * @throws an error of the system, such as ENOSPC; the old file is then still there
 */
export function replacePrivateFile(path: string, text: string): void {
  const fresh = freshFor({ at: (name) => join(dirname(path), name) }, basename(path));
  try {
    const fd = openSync(fresh.path, CREATE, 0o600);
    try {
      fchmodSync(fd, 0o600);
      writeAll(fd, Buffer.from(text));
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    fresh.put();
  } catch (error) {
    fresh.drop();
    throw error;
  }
}

/** Makes the names in a folder outlast a power cut. */
export function syncFolder(folder: Folder): void {
  const fd = openSync(folder.at('.'), 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
}
