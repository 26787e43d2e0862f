import { fstatSync } from 'node:fs';
import type { User } from './as-user.ts';
import { MachineError } from './errors.ts';
import { lastLine } from './last-line.ts';
import type { Machine } from './machine.ts';
import { inDirectory } from './safe-path.ts';
import { lookUpGroup, lookUpUser } from './users.ts';

/** Who a file belongs to; without one it belongs to root, which runs the charm. */
export interface Ownership {
  /** User name. */
  readonly owner?: string;
  /** Group name; the primary group of the owner unless told. */
  readonly group?: string;
}

export interface Ids {
  readonly uid: number;
  readonly gid: number;
}

/** What getent said in this hook, a machine at a time: names do not change their numbers. */
const known = new WeakMap<Machine, Map<string, Ids>>();
/** Machines on which chown succeeds and changes nothing, as in the sandbox, where users are only recorded. */
const recordedOnly = new WeakSet<Machine>();

/**
 * Gives an open file to its owner, by the program `chown` and through the open file, so that the path does not matter.
 *
 * @returns whether it belonged to someone else
 * @throws MachineError when the user or the group does not exist, or chown fails
 */
export async function giveTo(machine: Machine, fd: number, ownership: Ownership): Promise<boolean> {
  if (ownership.owner === undefined && ownership.group === undefined) return false;
  const ids = await idsOf(machine, ownership);
  if (belongs(fd, ids) || recordedOnly.has(machine)) return false;
  await chown(machine, [], ownership, `/proc/${process.pid}/fd/${fd}`);
  if (belongs(fd, ids)) return true;
  recordedOnly.add(machine);
  return false;
}

/** Gives an open directory and all below it to its owner; links in it are given, not followed. */
export async function giveTreeTo(machine: Machine, fd: number, ownership: Ownership): Promise<void> {
  if (ownership.owner === undefined && ownership.group === undefined) return;
  await chown(machine, ['-R', '-h', '-P'], ownership, `/proc/${process.pid}/fd/${fd}/.`);
}

/**
 * Gives what belongs to one user in a folder, the folder included, to another; what belongs to anybody else stays theirs. Links are
 * given, not followed.
 *
 * @param uid whose files are given
 */
export function giveWritten(machine: Machine, path: string, uid: number, { user, group }: User): Promise<void> {
  return inDirectory(machine, path, ({ fd }) =>
    chown(machine, ['-R', '-h', '-P', `--from=${uid}`], { owner: user, group }, `/proc/${process.pid}/fd/${fd}/.`),
  );
}

function belongs(fd: number, { uid, gid }: Ids): boolean {
  const stat = fstatSync(fd);
  return stat.uid === uid && stat.gid === gid;
}

async function chown(
  machine: Machine,
  flags: readonly string[],
  { owner, group }: Ownership,
  path: string,
): Promise<void> {
  const whom = `${owner ?? ''}:${group ?? ''}`;
  const { code, stderr } = await machine.run('chown', [...flags, '--', whom, path]);
  if (code !== 0) throw new MachineError(`chown ${whom} failed: ${lastLine(stderr)}`);
}

/** The numbers of a user and a group. */
export async function idsOf(machine: Machine, { owner = 'root', group }: Ownership): Promise<Ids> {
  const cache = known.get(machine) ?? new Map<string, Ids>();
  known.set(machine, cache);
  const key = `${owner}:${group ?? ''}`;
  const ids = cache.get(key) ?? (await ask(machine, owner, group));
  cache.set(key, ids);
  return ids;
}

async function ask(machine: Machine, owner: string, group: string | undefined): Promise<Ids> {
  const user = owner === 'root' ? { uid: 0, gid: 0 } : await lookUpUser(machine, owner);
  if (user === undefined) throw new MachineError(`There is no user ${owner} on this machine; add it`);
  if (group === undefined) return { uid: user.uid, gid: user.gid };
  const found = group === 'root' ? { gid: 0 } : await lookUpGroup(machine, group);
  if (found === undefined) throw new MachineError(`There is no group ${group} on this machine; add it`);
  return { uid: user.uid, gid: found.gid };
}
