import { type BigIntStats, closeSync, constants, lstatSync, openSync, readdirSync } from 'node:fs';
import { errorCode } from './errors.ts';
import type { Machine } from './machine.ts';
import { openWalking } from './safe-path.ts';

export interface TreeOptions {
  /** Paths below the folder that do not count, such as the folders that the application writes. */
  readonly exclude?: readonly string[];
  /** Also what Python writes beside its modules, whenever it likes; left out unless told. */
  readonly caches?: boolean;
}

const PYTHON_CACHE = '__pycache__';
const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * Looks at all that is in a folder, in an order that depends on names only. Links are not followed: each folder is held open
 * while it is looked at, so that one that is swapped for a link meanwhile leads nowhere else.
 *
 * @param look is told the name below the folder (bytes, each a character: a name need not be UTF-8), the kind of it as in
 *   `st_mode`, and a path of it on this host that holds during the call
 */
export function walkTree(
  machine: Machine,
  directory: string,
  { exclude = [], caches = false }: TreeOptions,
  look: (name: string, kind: bigint, path: Buffer, stat: BigIntStats) => void,
): void {
  const left = new Set(exclude.map(normalized));
  const walk = (fd: number, below: string): void => {
    for (const entry of namesIn(fd)) {
      const name = below === '' ? entry : `${below}/${entry}`;
      if ((entry === PYTHON_CACHE && !caches) || left.has(Buffer.from(name, 'latin1').toString())) continue;
      const path = Buffer.from(`/proc/self/fd/${fd}/${entry}`, 'latin1');
      const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
      if (stat === undefined) continue;
      look(name, stat.mode & BigInt(constants.S_IFMT), path, stat);
      if (stat.isDirectory()) within(path, (inner) => walk(inner, name));
    }
  };
  const { fd: top } = openWalking(machine, machine.path(directory));
  try {
    walk(top, '');
  } finally {
    closeSync(top);
  }
}

/** Leaves out what was replaced or removed since it was looked at. */
function within(path: Buffer, use: (fd: number) => void): void {
  let fd: number;
  try {
    fd = openSync(path, FOLDER);
  } catch (error) {
    if (['ENOENT', 'ELOOP', 'ENOTDIR'].includes(errorCode(error) ?? '')) return;
    throw error;
  }
  try {
    use(fd);
  } finally {
    closeSync(fd);
  }
}

function normalized(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

function namesIn(fd: number): string[] {
  return readdirSync(`/proc/self/fd/${fd}`, { encoding: 'latin1' }).sort();
}
