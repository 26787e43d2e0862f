/** Folders that the application writes: they live outside the code, so that they outlive every build of it. */
import { runAs } from '../../system/as-user.ts';
import { ensureDirectory, listDirectory, readSymlink } from '../../system/files.ts';
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
 *
 * Both folders are the application's own, so that all is done as its user: root would follow what is swapped in there.
 */
export async function linkData(
  machine: Machine,
  build: string,
  dataPaths: readonly string[],
  account: Account,
): Promise<void> {
  const { user, group } = account;
  await ensureDirectory(machine, STATE_DIRECTORY, { mode: 0o750, owner: user, group });
  for (const path of dataPaths) {
    const shared = `${DATA}/${path}`;
    const link = `${build}/${path}`;
    if ((await readSymlink(machine, link)) === machine.path(shared)) continue;
    await asOwner(machine, account, `${shared} cannot be made`, [
      'mkdir',
      '-p',
      '--mode=0750',
      '--',
      machine.path(shared),
    ]);
    await adopt(machine, link, shared, account);
    await asOwner(machine, account, `${above(link)} cannot be made`, ['mkdir', '-p', '--', machine.path(above(link))]);
    const command = ['ln', '-sT', '--', machine.path(shared), machine.path(link)] as const;
    await asOwner(machine, account, `${link} cannot be made`, command);
  }
}

/** Moves what a build ships at a data path: copied where nothing of that name is there, and kept aside in the build. */
async function adopt(machine: Machine, link: string, shared: string, account: Account): Promise<void> {
  if (!(await listDirectory(machine, above(link))).includes(link.slice(above(link).length + 1))) return;
  const shipped = machine.path(link);
  const copy = ['cp', '-an', '--', `${shipped}/.`, `${machine.path(shared)}/`] as const;
  await asOwner(machine, account, `${link} is not a folder that can be copied`, copy);
  const aside = ['mv', '-T', '--', shipped, `${shipped}.shipped`] as const;
  await asOwner(machine, account, `${link} cannot be moved aside`, aside);
}

async function asOwner(
  machine: Machine,
  account: Account,
  failure: string,
  argv: readonly [string, ...string[]],
): Promise<void> {
  const { code, stdout, stderr } = await runAs(machine, account, argv);
  if (code === 0) return;
  blocked(`data_paths: ${failure}: ${lastLine(stderr || stdout) || `exit code ${code}`}`);
}

function above(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
