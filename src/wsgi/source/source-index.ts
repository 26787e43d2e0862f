/** Whether code that is served in place is as it was when its content was last read, told without reading it. */
import * as v from 'valibot';
import type { Data } from '../../reactive/types.ts';
import type { Machine } from '../../system/machine.ts';
import { statTree } from '../../system/stat-tree.ts';

const KEY = 'wsgi.source.index';

const Index = v.object({
  folder: v.string(),
  /** Paths below it that do not count: those that the application writes. */
  exclude: v.array(v.string()),
  /** Digest of inodes, sizes and times. */
  digest: v.string(),
});

/** To be called after the content was read, and after the code was given to its owner, which changes times. */
export function rememberIndex(machine: Machine, data: Data, folder: string, exclude: readonly string[]): void {
  data.set(KEY, { folder, exclude: [...exclude], digest: statTree(machine, folder, { exclude }) });
}

/** Whether nothing was written since; false where nothing is remembered, or other paths are asked for. */
export function isAsIndexed(
  machine: Machine,
  data: Data,
  about?: { folder: string; exclude: readonly string[] },
): boolean {
  const known = v.safeParse(Index, data.get(KEY));
  if (!known.success) return false;
  const { folder, exclude, digest } = known.output;
  if (about !== undefined && (folder !== about.folder || exclude.join('\0') !== about.exclude.join('\0'))) return false;
  try {
    return digest === statTree(machine, folder, { exclude });
  } catch {
    return false; // what cannot be looked at is looked at in earnest where its absence can be said
  }
}
