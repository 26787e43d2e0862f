import { MachineError } from './errors.ts';
import { lastLine } from './last-line.ts';
import type { Machine } from './machine.ts';

/** A user as in passwd(5); paths are as recorded there. */
export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

/** A group as in group(5). */
export interface Group {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

export interface SystemUser {
  /** Home directory, as a path of the machine; it is not made. */
  readonly home: string;
  /** Primary group of a new user, made when missing; an existing user joins it. Named as the user unless told. */
  readonly group?: string;
}

/** Names that useradd(8) takes on Debian and Ubuntu alike. */
const NAME = /^[a-z_][a-z0-9_-]{0,31}$/;

/** Whether a user or group may be named so. */
export function isUserName(name: string): boolean {
  return NAME.test(name);
}

/** The user of that name, from whatever getent(1) asks; undefined when there is none. */
export async function lookUpUser(machine: Machine, name: string): Promise<User | undefined> {
  const [found, , uid, gid, , home, shell] = (await entry(machine, 'passwd', name)) ?? [];
  if (found === undefined || uid === undefined || gid === undefined) return undefined;
  return { name: found, uid: Number(uid), gid: Number(gid), home: home ?? '/', shell: shell ?? '' };
}

/** The group of that name, from whatever getent(1) asks; undefined when there is none. */
export async function lookUpGroup(machine: Machine, name: string): Promise<Group | undefined> {
  const [found, , gid, members] = (await entry(machine, 'group', name)) ?? [];
  if (found === undefined || gid === undefined) return undefined;
  return { name: found, gid: Number(gid), members: (members ?? '').split(',').filter((member) => member !== '') };
}

async function entry(machine: Machine, database: string, name: string): Promise<string[] | undefined> {
  if (!isUserName(name)) return undefined;
  const { code, stdout } = await machine.run('getent', [database, name], { timeout: 30 });
  const [line] = stdout.split('\n');
  return code === 0 && line !== undefined && line !== '' ? line.split(':') : undefined;
}

/**
 * Makes a system user without a login, and its group. An existing user stays as it is, but for the group.
 *
 * @returns whether anything was changed
 * @throws MachineError for a name that useradd would refuse, and when it fails
 */
export async function ensureUser(machine: Machine, name: string, { home, group = name }: SystemUser): Promise<boolean> {
  for (const each of [name, group]) checkName(each);
  const user = await lookUpUser(machine, name);
  if (user !== undefined && group === name) return false;
  const made = await ensureGroup(machine, group);
  if (user !== undefined) return (await joinGroup(machine, user, group)) || made;
  const options = ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin'];
  await change(machine, 'useradd', [...options, '--gid', group, '--home-dir', machine.path(home), name]);
  return true;
}

/**
 * Makes a system group.
 *
 * @returns whether it was missing
 * @throws MachineError as {@link ensureUser}
 */
export async function ensureGroup(machine: Machine, name: string): Promise<boolean> {
  checkName(name);
  if ((await lookUpGroup(machine, name)) !== undefined) return false;
  await change(machine, 'groupadd', ['--system', name]);
  return true;
}

async function joinGroup(machine: Machine, user: User, name: string): Promise<boolean> {
  const group = await lookUpGroup(machine, name);
  if (group === undefined || group.gid === user.gid || group.members.includes(user.name)) return false;
  await change(machine, 'usermod', ['--append', '--groups', name, user.name]);
  return true;
}

function checkName(name: string): void {
  if (!isUserName(name)) throw new MachineError(`${JSON.stringify(name)} cannot be the name of a system user or group`);
}

async function change(machine: Machine, program: string, args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await machine.run(program, args, { timeout: 60 });
  if (code !== 0)
    throw new MachineError(`${program} ${args.at(-1)} failed: ${lastLine(stderr || stdout) || `exit code ${code}`}`);
}
