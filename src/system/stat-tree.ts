import type { Machine } from './machine.ts';
import { digest } from './text-digest.ts';
import { type TreeOptions, walkTree } from './tree-walk.ts';

/**
 * A fingerprint of inode, size and times of all that is in a folder: the same means that nothing was written since, at the
 * cost of no content read. It differs for a copy of the same content.
 */
export function statTree(machine: Machine, directory: string, options: TreeOptions = {}): string {
  const lines: string[] = [];
  walkTree(machine, directory, options, (name, kind, _, stat) => {
    const times = stat.isDirectory() ? '' : `${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
    lines.push(`${name}\0${kind}\0${stat.ino} ${times}`);
  });
  return digest(lines.join('\0\0'));
}
