import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from 'tar';
import { readTree, writeTree } from './tree.ts';

/** The date of everything that is packed: the earliest that a zip file can hold. The same input gives the same bytes. */
const FIXED_DATE = new Date(Date.UTC(1980, 0, 1));

/** Packs a folder's content as a .tar.gz whose bytes depend on names, content and executable bits only. */
export async function tarball(folder: string): Promise<Uint8Array> {
  // Through a copy: modes and names are then ours, not those of somebody's umask and editor.
  const scratch = await mkdtemp(join(tmpdir(), 'wsgi-charm-'));
  try {
    const tree = await readTree(folder);
    await writeTree(tree, scratch);
    const packed = create(
      { cwd: scratch, gzip: { level: 9 }, portable: true, mtime: FIXED_DATE, sync: true, noDirRecurse: true },
      [...tree.keys()],
    );
    const bytes = packed.read();
    if (bytes === null) throw new Error(`${folder} is empty: there is nothing to pack`);
    return bytes;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
