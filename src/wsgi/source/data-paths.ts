/** Folders that the application writes: they live outside the code, so that they outlive every build of it. */
import { ensureDirectory, ensureSymlink, listDirectory, readSymlink } from '../../system/files.ts';
import { lastLine } from '../../system/last-line.ts';
import type { Machine } from '../../system/machine.ts';
import { DATA, STATE_DIRECTORY } from '../paths.ts';
import { blocked } from '../status.ts';

export interface Account {
  readonly user: string;
  readonly group: string;
}

/** Makes the folders, with the application's user as owner. In place they are where they are. */
export async function ensureDataInPlace(
  machine: Machine,
  root: string,
  dataPaths: readonly string[],
  { user, group }: Account,
): Promise<void> {
  for (const path of dataPaths) await ensureDirectory(machine, `${root}/${path}`, { mode: 0o750, owner: user, group });
}

/**
 * Links each data path of a build to the folder that all builds share. What the first build ships there becomes the
 * beginning of it.
 */
export async function linkData(
  machine: Machine,
  build: string,
  dataPaths: readonly string[],
  { user, group }: Account,
): Promise<void> {
  await ensureDirectory(machine, STATE_DIRECTORY, { mode: 0o750, owner: user, group });
  for (const path of dataPaths) {
    const shared = `${DATA}/${path}`;
    const link = `${build}/${path}`;
    if ((await readSymlink(machine, link)) === machine.path(shared)) continue;
    await ensureDirectory(machine, shared, { mode: 0o750, owner: user, group });
    await adopt(machine, link, shared, { user, group });
    await ensureSymlink(machine, link, shared);
  }
}

/** Moves what a build ships at a data path: copied where nothing of that name is there, and kept aside in the build. */
async function adopt(machine: Machine, shipped: string, shared: string, { user, group }: Account): Promise<void> {
  const parent = shipped.slice(0, shipped.lastIndexOf('/'));
  if (!(await listDirectory(machine, parent)).includes(shipped.slice(parent.length + 1))) return;
  const copied = await machine.run('cp', ['-an', '--', `${machine.path(shipped)}/.`, `${machine.path(shared)}/`]);
  if (copied.code !== 0)
    blocked(`data_paths: ${shipped} is not a folder that can be copied: ${lastLine(copied.stderr)}`);
  await machine.run('chown', ['-R', '-h', '--', `${user}:${group}`, machine.path(shared)]);
  const aside = await machine.run('mv', ['-T', '--', machine.path(shipped), `${machine.path(shipped)}.shipped`]);
  if (aside.code !== 0) blocked(`data_paths: ${shipped} cannot be moved aside: ${lastLine(aside.stderr)}`);
}
