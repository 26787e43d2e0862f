import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';

/** PATH of Debian's root, without what a developer's shell adds. */
export const HOST_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'] as const;

export interface Python {
  readonly path: string;
  /** Folder to add to PATH so that `python3` is found; undefined where it is in the usual ones. */
  readonly folder: string | undefined;
}

/**
 * Finds Python 3, the system's before any other.
 * @throws Error when there is none, for nothing of WSGI runs without it.
 */
export function findPython(): Python {
  for (const folder of HOST_PATH) {
    try {
      accessSync(`${folder}/python3`, constants.X_OK);
      return { path: `${folder}/python3`, folder: undefined };
    } catch {}
  }
  // A shim of a version manager costs more than Python itself: ask it once for the real one.
  const asked = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
  const path = asked.status === 0 ? asked.stdout.trim() : '';
  if (!path) throw new Error('python3 was not found: install Python 3.9 or newer');
  return { path, folder: dirname(path) };
}
