import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  futimesSync,
  linkSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import type { Sink } from './member.ts';
import { Refusal, shown } from './refusal.ts';
import type { Admitted } from './tree.ts';

/** Writes the members of an archive into a folder that only root can write to. */
export interface Writer {
  /** Makes one member, and the folders above it; says where its content goes. */
  put(member: Admitted): Sink | undefined;
  /** Makes the symbolic links, when it is known where they lead, and closes the folders with their own modes. */
  finish(): void;
  /** Closes what is open. */
  close(): void;
}

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** @param folder - a path of this host, of a folder that is empty */
export function createWriter(folder: string): Writer {
  const directories = new Map<string, number>();
  const links: Admitted[] = [];
  let open: number | undefined;

  function makeDirectory(path: string): void {
    if (path === '' || directories.has(path)) return;
    makeDirectory(above(path));
    mkdirSync(`${folder}/${path}`, { mode: 0o700 });
    directories.set(path, 0o755);
  }

  function writeFile(member: Admitted): Sink {
    const fd = openSync(`${folder}/${member.path}`, CREATE, 0o600);
    open = fd;
    let left = member.size;
    return {
      write(chunk) {
        left -= chunk.length;
        if (left < 0) throw new Refusal(`${shown(member.path)} is longer than it says`);
        for (let written = 0; written < chunk.length; ) written += writeSync(fd, chunk, written);
      },
      end() {
        if (left !== 0) throw new Refusal(`${shown(member.path)} is shorter than it says`);
        fchmodSync(fd, member.mode);
        const { mtime } = member;
        if (mtime !== undefined && !Number.isNaN(mtime.getTime())) futimesSync(fd, mtime, mtime);
        closeSync(fd);
        open = undefined;
      },
    };
  }

  return {
    put(member) {
      makeDirectory(above(member.path));
      switch (member.kind) {
        case 'directory':
          makeDirectory(member.path);
          directories.set(member.path, member.mode);
          return undefined;
        case 'symlink':
          links.push(member);
          return undefined;
        case 'hardlink':
          linkSync(`${folder}/${member.target}`, `${folder}/${member.path}`);
          return undefined;
        case 'file':
          return writeFile(member);
      }
    },
    finish() {
      for (const link of links) symlinkSync(link.target, `${folder}/${link.path}`);
      for (const [path, mode] of directories) if (path !== '') chmodSync(`${folder}/${path}`, mode);
    },
    close() {
      if (open !== undefined) closeSync(open);
      open = undefined;
    },
  };
}

function above(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
