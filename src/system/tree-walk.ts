import { type BigIntStats, constants, lstatSync, readdirSync } from 'node:fs';
import type { Machine } from './machine.ts';

export interface TreeOptions {
  /** Paths below the folder that do not count, such as the folders that the application writes. */
  readonly exclude?: readonly string[];
}

/** What Python writes beside its modules, whenever it likes. */
const PYTHON_CACHE = '__pycache__';

/**
 * Looks at all that is in a folder, in an order that depends on names only. Links are not followed.
 *
 * @param look is told the name below the folder (bytes, each a character: a name need not be UTF-8), the kind of it as in
 *   `st_mode`, and where it is on this host
 */
export function walkTree(
  machine: Machine,
  directory: string,
  { exclude = [] }: TreeOptions,
  look: (name: string, kind: bigint, path: Buffer, stat: BigIntStats) => void,
): void {
  const root = Buffer.from(machine.path(directory));
  const left = new Set(exclude.map(normalized));
  const walk = (below: string): void => {
    for (const entry of namesIn(join(root, below))) {
      const name = below === '' ? entry : `${below}/${entry}`;
      if (entry === PYTHON_CACHE || left.has(Buffer.from(name, 'latin1').toString())) continue;
      const path = join(root, name);
      const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
      if (stat === undefined) continue;
      look(name, stat.mode & BigInt(constants.S_IFMT), path, stat);
      if (stat.isDirectory()) walk(name);
    }
  };
  walk('');
}

function normalized(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

function join(root: Buffer, path: string): Buffer {
  return Buffer.concat([root, Buffer.from(`/${path}`, 'latin1')]);
}

function namesIn(folder: Buffer): string[] {
  return readdirSync(folder, { encoding: 'latin1' }).sort();
}
