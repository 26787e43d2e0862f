/** A cheap look at the Python files of an application, bounded in depth, number and size. */
import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { errorCode } from '../../system/errors.ts';
import type { Machine } from '../../system/machine.ts';

export interface PythonFile {
  /** Below the application's folder. */
  readonly path: string;
  readonly text: string;
}

/** Folders below the application's own that are looked into. */
const DEEPEST = 4;
const MOST_FILES = 1000;
/** Bytes. */
const LARGEST = 256 * 1024;
const MOST_BYTES = 8 * 1024 * 1024;
/** What is no code of the application's. */
const OTHERS = /^(?:\.|__pycache__$|node_modules$|site-packages$|venv$|env$)/;
/** The application's user may exchange a file for a link or a pipe at any time: no link is followed, nothing is waited for. */
const FILE = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const FOLDER = FILE | constants.O_DIRECTORY;

/** The Python files in a folder of the machine, those of upper folders first. */
export function pythonFiles(machine: Machine, folder: string): PythonFile[] {
  const files: PythonFile[] = [];
  let bytes = 0;

  function look(place: string, shown: string, depth: number): void {
    withOpen(place, FOLDER, (fd) => {
      const here = `/proc/self/fd/${fd}`;
      const entries = readdirSync(here, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
      for (const { name } of entries.filter((entry) => entry.isFile() && entry.name.endsWith('.py'))) {
        if (files.length >= MOST_FILES || bytes >= MOST_BYTES) return;
        const text = withOpen(`${here}/${name}`, FILE, read);
        if (text === undefined) continue;
        bytes += text.length;
        files.push({ path: `${shown}${name}`, text });
      }
      for (const { name } of entries.filter((entry) => entry.isDirectory() && !OTHERS.test(entry.name))) {
        if (depth < DEEPEST) look(`${here}/${name}`, `${shown}${name}/`, depth + 1);
      }
    });
  }

  look(machine.path(folder), '', 0);
  return files;
}

function read(fd: number): string | undefined {
  const stat = fstatSync(fd);
  return stat.isFile() && stat.size <= LARGEST ? readFileSync(fd, 'utf8') : undefined;
}

/** Undefined for what is not there, or is something else by now. */
function withOpen<T>(path: string, flags: number, use: (fd: number) => T): T | undefined {
  let fd: number;
  try {
    fd = openSync(path, flags);
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return undefined;
  }
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}
