/** Users and groups of the machine under test. Their ids do not matter: all files belong to the user who runs the test. */
import type { ProgramResult, Programs } from '../program.ts';

const FIRST_ID = 990;

/** @param users system users, each with a group of its name; useradd and groupadd add to it */
export function userPrograms(users: Set<string>): Programs {
  const idOf = (name: string) => (name === 'root' ? 0 : FIRST_ID - [...users].indexOf(name));
  const exists = (name: string) => name === 'root' || users.has(name);
  const add = (name: string): ProgramResult => {
    users.add(name);
    return {};
  };
  const groupsOnly = new Set<string>();
  return {
    'getent passwd': ({ args }) => {
      const name = args[1] ?? '';
      if (!exists(name)) return { code: 2 };
      return { stdout: `${name}:x:${idOf(name)}:${idOf(name)}::/home/${name}:/usr/sbin/nologin\n` };
    },
    'getent group': ({ args }) => {
      const name = args[1] ?? '';
      if (!exists(name) && !groupsOnly.has(name)) return { code: 2 };
      return { stdout: `${name}:x:${idOf(name)}:\n` };
    },
    useradd: ({ args }) => add(args.at(-1) ?? ''),
    groupadd: ({ args }) => {
      groupsOnly.add(args.at(-1) ?? '');
      return {};
    },
    usermod: {},
    chown: {},
    id: ({ args }) => {
      const name = args.at(-1) ?? '';
      return exists(name) ? { stdout: `${idOf(name)}\n` } : { code: 1, stderr: `id: '${name}': no such user\n` };
    },
  };
}
