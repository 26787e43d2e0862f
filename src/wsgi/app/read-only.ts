/** A build is read-only to the application: what it tries to write there is told to the operator as a data path. */
import { closeSync, constants, openSync, readSync } from 'node:fs';
import * as z from 'zod/mini';
import type { Data } from '../../reactive/types.ts';
import { MachineError } from '../../system/errors.ts';
import type { Machine } from '../../system/machine.ts';
import { walkTree } from '../../system/tree-walk.ts';
import { STATE_DIRECTORY } from '../paths.ts';
import { Problem } from '../status.ts';
import type { ProvisionCommand } from './provision.ts';

/** What Python says of a file that may not be written (errno EROFS and EACCES). */
const REFUSED = /\[Errno (?:30|13)\] (?:Read-only file system|Permission denied): ['"]([^'"]+)['"]/;
/** What SQLite says where it may not write, and names no file. */
const SQLITE = /attempt to write a readonly database|unable to open database file/;
/** What databases of SQLite are called. */
const DATABASE = /\.(?:db3?|sqlite3?|sl3|s3db)$/;
const MAGIC = Buffer.from('SQLite format 3\0');

/**
 * How to mend what a failure says of a file that the application may not write; empty for any other failure.
 *
 * @param said the failure, as a status line shows it
 * @param folder the build
 */
export function mendOfReadOnly(machine: Machine, said: string, folder: string, dataPaths: readonly string[]): string {
  const [, refused] = REFUSED.exec(said) ?? [];
  const build = machine.path(folder);
  if (refused !== undefined) {
    const path = refused.startsWith('/') ? refused : `${build}/${refused}`;
    if (!path.startsWith(`${build}/`)) return `; it may write in data_paths and in ${STATE_DIRECTORY} (HOME) only`;
    return `; a build is read-only: add ${dataPathFor(path.slice(build.length + 1))} to data_paths`;
  }
  if (!SQLITE.test(said)) return '';
  const [first] = databasesIn(machine, folder, dataPaths).keys();
  const what = first ?? 'the path of its SQLite database, such as db.sqlite3,';
  return `; a build is read-only: add ${what} to data_paths`;
}

/** The folder that a file is written in, but for a file at the top and a database. */
function dataPathFor(path: string): string {
  const slash = path.lastIndexOf('/');
  const isFile = /[^/]\.[A-Za-z0-9]{1,8}$/.test(path);
  return slash < 0 || !isFile || DATABASE.test(path) ? path : path.slice(0, slash);
}

/** Databases of SQLite in a build, with what tells whether they were written; not those in data paths, which are linked. */
export function databasesIn(machine: Machine, folder: string, dataPaths: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  try {
    walkTree(machine, folder, { exclude: dataPaths }, (name, _kind, path, stat) => {
      if (!stat.isFile() || !DATABASE.test(name) || name.endsWith('.shipped')) return;
      if (stat.size === 0n || isDatabase(path)) {
        found.set(Buffer.from(name, 'latin1').toString(), `${stat.ino} ${stat.size} ${stat.mtimeNs}`);
      }
    });
  } catch (error) {
    // What cannot be looked at is said where it counts.
    if (!(error instanceof MachineError || (error instanceof Error && 'syscall' in error))) throw error;
  }
  return found;
}

function isDatabase(path: Buffer): boolean {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const head = Buffer.alloc(MAGIC.length);
    return readSync(fd, head) === MAGIC.length && head.equals(MAGIC);
  } finally {
    closeSync(fd);
  }
}

const KEY = 'wsgi.provisioned.databases';
const Made = z.object({ folder: z.string(), paths: z.array(z.string()) });

/** Remembers databases that provision_command made in a build: the application cannot write them, and the next build lacks them. */
export function rememberMadeDatabases(
  data: Data,
  folder: string,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): void {
  const paths = [...after].filter(([path, state]) => before.get(path) !== state).map(([path]) => path);
  if (paths.length > 0) data.set(KEY, { folder, paths });
  else data.unset(KEY);
}

/** Said in every look until they are data paths, or another build serves. */
export function madeDatabases(
  { machine, data }: { machine: Machine; data: Data },
  folder: string,
  dataPaths: readonly string[],
  by: ProvisionCommand['setBy'],
): Problem[] {
  const made = z.safeParse(Made, data.get(KEY));
  if (!made.success || made.data.folder !== folder) return [];
  const left = databasesIn(machine, folder, dataPaths);
  const paths = made.data.paths.filter((path) => left.has(path));
  if (paths.length === 0) return [];
  return [
    new Problem(
      'blocked',
      `${by}: made ${paths.join(', ')} in the build, where the application cannot write it: add it to data_paths`,
    ),
  ];
}
