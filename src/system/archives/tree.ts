import { isWellFormed } from '../unicode.ts';
import type { Limits, Member } from './member.ts';
import { bytes, Refusal, shown } from './refusal.ts';

/** A member that may be unpacked: where, and what. */
export interface Admitted {
  /** Below the folder, without `./` and a slash at the end; empty for the folder itself. */
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'symlink' | 'hardlink';
  /** Permission bits, without setuid, setgid and sticky. */
  readonly mode: number;
  readonly size: number;
  /** Of a symlink what it holds, of a hardlink the path of the other member. */
  readonly target: string;
  readonly mtime: Date | undefined;
}

/** The tree that an archive would make, as far as its members were seen. */
export interface Tree {
  /** @throws Refusal for a member that must not be unpacked */
  admit(member: Member): Admitted;
  /**
   * Called after the last member, when it can be said where links lead.
   *
   * @throws Refusal for a link that leads out of the tree, or in a circle
   */
  finish(): { readonly members: number; readonly bytes: number };
}

/** Bytes of a name that every file system takes, and of a path that leaves room for the folder it is unpacked in. */
const LONGEST_NAME = 255;
const LONGEST_PATH = 1024;
/** As in the kernel's own bound on links in one path. */
const MOST_LINKS = 40;
const SETUID_OR_SETGID = 0o6000;

/** Checks members one by one against each other and the limits, and touches no file. */
export function createTree(limits: Limits): Tree {
  /** What stands at each path: the target of a symlink, else its kind. Folders that are only implied are in it too. */
  const entries = new Map<string, { kind: Admitted['kind']; target: string; implied: boolean }>();
  let members = 0;
  let total = 0;

  function count(member: Member): void {
    members++;
    if (members > limits.members)
      throw new Refusal(`${shown(member.name)} is member ${members}, and more than ${limits.members} are not taken`);
    total += member.size;
    if (!(total <= limits.bytes)) {
      throw new Refusal(
        `${shown(member.name)} makes it larger than ${bytes(limits.bytes)}, which is the most that is taken`,
      );
    }
  }

  function enter(path: string, member: Member, kind: Admitted['kind'], target: string): void {
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
      const above = path.slice(0, slash);
      const entry = entries.get(above);
      if (entry === undefined) entries.set(above, { kind: 'directory', target: '', implied: true });
      else if (entry.kind !== 'directory') {
        throw new Refusal(`${shown(member.name)} lies below ${shown(above)}, which is no directory`);
      }
    }
    const present = entries.get(path);
    if (present !== undefined && !(present.implied && kind === 'directory')) {
      throw new Refusal(`${shown(member.name)} is there twice`);
    }
    entries.set(path, { kind, target, implied: false });
  }

  /** Follows a symlink as the kernel would, in the tree alone. */
  function follow(path: string): void {
    const done: string[] = path.split('/').slice(0, -1);
    const todo = (entries.get(path)?.target ?? '').split('/');
    for (let links = 1; todo.length > 0; ) {
      const name = todo.shift();
      if (name === undefined || name === '' || name === '.') continue;
      if (name === '..') {
        if (done.pop() === undefined)
          throw new Refusal(`${shown(path)} is a symbolic link that leads out of the archive`);
        continue;
      }
      done.push(name);
      const entry = entries.get(done.join('/'));
      if (entry?.kind !== 'symlink') continue;
      if (++links > MOST_LINKS) throw new Refusal(`${shown(path)} is a symbolic link that leads in a circle`);
      done.pop();
      todo.unshift(...entry.target.split('/'));
    }
  }

  return {
    admit(member) {
      const path = checkName(member);
      count(member);
      const kind = checkKind(member);
      const target = kind === 'hardlink' ? checkHardlink(member) : kind === 'symlink' ? checkSymlink(member) : '';
      if (path === '' && kind !== 'directory') throw new Refusal(`${shown(member.name)} has no name`);
      if (kind === 'hardlink' && entries.get(target)?.kind !== 'file') {
        throw new Refusal(`${shown(member.name)} is a hard link to ${shown(target)}, which is no file before it`);
      }
      // What a hard link names is a file, and so is the link, for further ones.
      enter(path, member, kind === 'hardlink' ? 'file' : kind, target);
      return { path, kind, mode: modeOf(member, kind), size: member.size, target, mtime: member.mtime };
    },
    finish() {
      for (const [path, { kind }] of entries) if (kind === 'symlink') follow(path);
      if (members === 0) throw new Refusal('it is empty');
      return { members, bytes: total };
    },
  };
}

/** The path of a member below the folder. */
function checkName(member: Member): string {
  const name = shown(member.name);
  if (member.name.includes('\ufffd') || !isWellFormed(member.name)) throw new Refusal(`${name} is not valid UTF-8`);
  if (/\p{Cc}/u.test(member.name)) throw new Refusal(`${name} has control characters in its name`);
  if (member.name.startsWith('/')) throw new Refusal(`${name} is an absolute path`);
  const parts = member.name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw new Refusal(`${name} leads out of the archive`);
  if (member.name === '') throw new Refusal('a member has no name');
  const path = parts.join('/');
  if (parts.some((part) => Buffer.byteLength(part) > LONGEST_NAME) || Buffer.byteLength(path) > LONGEST_PATH) {
    throw new Refusal(`${name} is too long a name`);
  }
  return path;
}

function checkKind(member: Member): Admitted['kind'] {
  if (member.kind === 'other') throw new Refusal(`${shown(member.name)} is ${member.other ?? 'of an unknown kind'}`);
  if (member.kind === 'file' && member.name.endsWith('/')) throw new Refusal(`${shown(member.name)} has no name`);
  if (member.kind !== 'directory' && ((member.mode ?? 0) & SETUID_OR_SETGID) !== 0 && member.kind !== 'symlink') {
    throw new Refusal(`${shown(member.name)} has the setuid or setgid bit`);
  }
  return member.kind;
}

function checkSymlink(member: Member): string {
  const target = member.target ?? '';
  const name = shown(member.name);
  if (
    target === '' ||
    target.includes('\ufffd') ||
    /\p{Cc}/u.test(target) ||
    Buffer.byteLength(target) > LONGEST_PATH
  ) {
    throw new Refusal(`${name} is a symbolic link to ${shown(target)}, which is no path`);
  }
  if (target.startsWith('/')) throw new Refusal(`${name} is a symbolic link that leads out of the archive`);
  return target;
}

function checkHardlink(member: Member): string {
  if (member.size > 0) throw new Refusal(`${shown(member.name)} is a hard link with content`);
  const target = member.target ?? '';
  if (target.startsWith('/') || target.split('/').includes('..')) {
    throw new Refusal(`${shown(member.name)} is a hard link that leads out of the archive`);
  }
  return target
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

/** What the owner cannot read, the charm could not give away or remove. */
function modeOf({ mode }: Member, kind: Admitted['kind']): number {
  if (kind === 'directory') return ((mode ?? 0o755) & 0o777) | 0o700;
  return ((mode ?? 0o644) & 0o777) | 0o600;
}
