import { createHash, type Hash } from 'node:crypto';
import {
  type BigIntStats,
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
} from 'node:fs';
import { errorCode } from './errors.ts';
import type { Machine } from './machine.ts';

export interface DigestOptions {
  /** Paths below the folder that do not count, such as the folders that the application writes. */
  readonly exclude?: readonly string[];
}

/** What Python writes beside its modules, whenever it likes. */
const PYTHON_CACHE = '__pycache__';
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const CHUNK = 256 * 1024;

/**
 * SHA-256 over names, kinds, executable bits, link targets and contents of all that is in a folder, the same wherever and by
 * whomever it is read. Owners, other modes and times do not count. Links are not followed.
 */
export async function digestTree(machine: Machine, directory: string, options: DigestOptions = {}): Promise<string> {
  const buffer = Buffer.allocUnsafe(CHUNK);
  return digest(machine, directory, options, (path, stat, total) => {
    if (stat.isSymbolicLink()) total.update(readlinkSync(path, 'buffer'));
    if (stat.isFile()) total.update((stat.mode & 0o111n) === 0n ? '-' : 'x').update(contentOf(path, buffer));
  });
}

/**
 * SHA-256 over inode, size and times of all that is in a folder: the same means that nothing was written since, at the cost
 * of no content read. It differs for a copy of the same content.
 */
export function statTree(machine: Machine, directory: string, options: DigestOptions = {}): string {
  return digest(machine, directory, options, (_, stat, total) => {
    const times = stat.isDirectory() ? '' : `${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
    total.update(`${stat.ino} ${times}`);
  });
}

type Look = (path: Buffer, stat: BigIntStats, total: Hash) => void;

function digest(machine: Machine, directory: string, { exclude = [] }: DigestOptions, look: Look): string {
  const root = Buffer.from(machine.path(directory));
  const left = new Set(
    exclude.map((path) =>
      path
        .split('/')
        .filter((part) => part !== '' && part !== '.')
        .join('/'),
    ),
  );
  const total = createHash('sha256');
  // Names are bytes, each a character here: a name need not be UTF-8.
  const walk = (below: string): void => {
    for (const name of namesIn(join(root, below))) {
      const path = below === '' ? name : `${below}/${name}`;
      if (name === PYTHON_CACHE || left.has(Buffer.from(path, 'latin1').toString())) continue;
      const full = join(root, path);
      const stat = lstatSync(full, { bigint: true, throwIfNoEntry: false });
      if (stat === undefined) continue;
      total.update(`${path}\0${stat.mode & BigInt(constants.S_IFMT)}\0`, 'latin1');
      look(full, stat, total);
      total.update('\0');
      if (stat.isDirectory()) walk(path);
    }
  };
  walk('');
  return total.digest('hex');
}

function join(root: Buffer, path: string): Buffer {
  return Buffer.concat([root, Buffer.from(`/${path}`, 'latin1')]);
}

function namesIn(folder: Buffer): string[] {
  return readdirSync(folder, { encoding: 'latin1' }).sort();
}

/** Digest of a content, so that its end is told from what follows. */
function contentOf(path: Buffer, buffer: Buffer): Buffer {
  const content = createHash('sha256');
  let fd: number;
  try {
    fd = openSync(path, READ);
  } catch (error) {
    // Replaced since it was looked at: the next look sees what by.
    if (['ENOENT', 'ELOOP'].includes(errorCode(error) ?? '')) return content.digest();
    throw error;
  }
  try {
    for (let read = 1; read > 0; ) {
      read = readSync(fd, buffer);
      content.update(buffer.subarray(0, read));
    }
  } finally {
    closeSync(fd);
  }
  return content.digest();
}
