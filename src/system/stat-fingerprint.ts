import { lstatSync, statSync } from 'node:fs';
import type { Machine } from './machine.ts';

/**
 * A short text that differs once any of the files was written, replaced, made or removed: times in nanoseconds, size and
 * inode of each, of a link as well as of what it points at. Of a folder whose path ends with a slash only that it is the same
 * one, whatever is written in it. Costs no process and reads no content.
 */
export function statFingerprint(machine: Machine, paths: readonly string[]): string {
  return paths.map((path) => one(machine.path(path))).join('\n');
}

function one(path: string): string {
  const link = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  const file = link?.isSymbolicLink() ? statSync(path, { bigint: true, throwIfNoEntry: false }) : undefined;
  return [
    path,
    ...[link, file].map((stat) => {
      if (stat === undefined) return '-';
      return path.endsWith('/') ? `${stat.ino}` : `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
    }),
  ].join(' ');
}
