/** Whose the application's files are: what one user of the machine wrote for it is the next one's, all of it. */
import { closeSync, constants, fstatSync, openSync, readdirSync } from 'node:fs';
import type { Data } from '../../reactive/types.ts';
import { optional } from '../../system/absent.ts';
import { readFile } from '../../system/files.ts';
import type { Machine } from '../../system/machine.ts';
import { giveTo, giveWritten, idsOf } from '../../system/owner.ts';
import { type HeldDirectory, inDirectory, inParent } from '../../system/safe-path.ts';
import { walkTree } from '../../system/tree-walk.ts';
import { LOGS_MADE, STATE_DIRECTORY, VENVS } from '../paths.ts';
import type { Account } from '../source/data-paths.ts';

const KEY = 'wsgi.account';
const ROOT = 0;
/** Linux's O_PATH, which Node does not name. */
const HANDLE = 0o10000000 | constants.O_NOFOLLOW;

interface Taker {
  readonly machine: Machine;
  readonly data: Pick<Data, 'get' | 'set'>;
  readonly juju: { log(level: 'INFO', line: string): void };
}

/**
 * Gives the application's user what another one wrote in its folders: wsgi.yaml named another, a unit before this one ran as
 * another, or the same name has got another number since. Files of root stay root's.
 *
 * Once for each user, number and folder: data may be many files.
 *
 * @param root the application's folder
 */
export async function takeOver(api: Taker, root: string, account: Account): Promise<void> {
  const { machine, data, juju } = api;
  const ids = await idsOf(machine, { owner: account.user, group: account.group });
  const known = [ids.uid, ids.gid, root].join(' ');
  if (data.get(KEY) === known) return;
  const log = (path: string, uid: number) =>
    juju.log('INFO', `what user ${uid} wrote in ${path} is given to ${account.user}`);
  for (const folder of [STATE_DIRECTORY, root, `${VENVS}/cache`]) {
    for (const uid of await writers(machine, folder)) {
      if (uid === ROOT || uid === ids.uid) continue;
      log(folder, uid);
      await giveWritten(machine, folder, uid, account);
    }
  }
  for (const path of ((await readFile(machine, LOGS_MADE)) ?? '').split('\n').filter((line) => line !== '')) {
    await optional(inParent(machine, path, {}, (parent, name) => giveLogs(machine, parent, name, account)));
  }
  data.set(KEY, known);
}

/** The users that something in a folder belongs to, or the folder itself. */
async function writers(machine: Machine, folder: string): Promise<Set<number>> {
  const found = new Set<number>();
  await optional(
    inDirectory(machine, folder, ({ fd }) => {
      found.add(fstatSync(fd).uid);
      walkTree(machine, folder, { caches: true }, (_name, _kind, _path, { uid }) => found.add(Number(uid)));
    }),
  );
  return found;
}

/** A log, and what logrotate made of it. */
async function giveLogs(machine: Machine, parent: HeldDirectory, name: string, account: Account): Promise<void> {
  for (const each of readdirSync(parent.at('.')).filter((other) => other === name || other.startsWith(`${name}.`))) {
    const fd = openSync(parent.at(each), HANDLE);
    try {
      const stat = fstatSync(fd);
      if (!stat.isFile() || stat.nlink > 1 || stat.uid === ROOT) continue;
      await giveTo(machine, fd, { owner: account.user, group: account.group });
    } finally {
      closeSync(fd);
    }
  }
}
