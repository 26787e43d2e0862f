/** What the application writes: it lives outside the code, so that it outlives every build of it. */
import { lstatSync } from 'node:fs';
import { optional } from '../../system/absent.ts';
import { runAs } from '../../system/as-user.ts';
import { ensureDirectory, readSymlink } from '../../system/files.ts';
import { lastLine } from '../../system/last-line.ts';
import type { Machine } from '../../system/machine.ts';
import { inParent } from '../../system/safe-path.ts';
import { DATA, STATE_DIRECTORY } from '../paths.ts';
import { blocked } from '../status.ts';

export interface Account {
  readonly user: string;
  readonly group: string;
}

/** A name that ends as files do. What neither build nor data have yet is a file where it is called so, and a folder otherwise. */
const FILE_NAME = /[^/]\.(?!d$)[A-Za-z][A-Za-z0-9]{1,7}$/;

/**
 * Makes the folders, with the application's user as owner. In place they are where they are; a file is linked to one outside, for
 * what is beside it is read-only.
 */
export async function ensureDataInPlace(
  machine: Machine,
  root: string,
  dataPaths: readonly string[],
  account: Account,
): Promise<void> {
  const { user, group } = account;
  for (const path of dataPaths) {
    const kind = await kindOf(machine, `${root}/${path}`);
    if (kind === 'file' || kind === 'link' || (kind === undefined && FILE_NAME.test(path))) {
      await linkData(machine, root, [path], account);
    } else {
      await ensureDirectory(machine, `${root}/${path}`, { mode: 0o750, owner: user, group });
    }
  }
}

/**
 * Links each data path of a build to what all builds share. What the first build ships there becomes the beginning of it.
 *
 * Both are in folders of the application's own, so that all is done as its user: root would follow what is swapped in there.
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
    const shipped = await kindOf(machine, link);
    const kept = await kindOf(machine, shared);
    const isFile = (kept ?? shipped) === undefined ? FILE_NAME.test(path) : (kept ?? shipped) === 'file';
    const steps: readonly Step[] = [
      makeFolder(machine, isFile ? above(shared) : shared),
      ...(shipped === undefined ? [] : adopt(machine, link, shared, isFile)),
      makeFolder(machine, above(link)),
      [`${link} cannot be made`, ['ln', '-sT', '--', machine.path(shared), machine.path(link)]],
    ];
    for (const [failure, argv] of steps) {
      const { code, stdout, stderr } = await runAs(machine, account, argv);
      if (code !== 0) blocked(`data_paths: ${failure}: ${lastLine(stderr || stdout) || `exit code ${code}`}`);
    }
  }
}

/** What is said where a program fails, and the program. */
type Step = readonly [failure: string, argv: readonly [string, ...string[]]];

function makeFolder(machine: Machine, path: string): Step {
  return [`${path} cannot be made`, ['mkdir', '-p', '--mode=0750', '--', machine.path(path)]];
}

/** Moves what a build ships at a data path: copied where nothing of that name is there, and kept aside in the build. */
function adopt(machine: Machine, link: string, shared: string, isFile: boolean): Step[] {
  const [from, to] = [machine.path(link), machine.path(shared)];
  return [
    isFile
      ? [`${link} is not a file that can be copied`, ['cp', '-an', '--no-target-directory', '--', from, to]]
      : [`${link} is not a folder that can be copied`, ['cp', '-an', '--', `${from}/.`, `${to}/`]],
    [`${link} cannot be moved aside`, ['mv', '-T', '--', from, `${from}.shipped`]],
  ];
}

type Kind = 'file' | 'folder' | 'link' | 'other';

/** What stands at a path; links are not followed. */
async function kindOf(machine: Machine, path: string): Promise<Kind | undefined> {
  const look = inParent(machine, path, {}, (parent, name) => lstatSync(parent.at(name), { throwIfNoEntry: false }));
  const stat = await optional(look);
  if (stat === undefined) return undefined;
  if (stat.isSymbolicLink()) return 'link';
  return stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : 'other';
}

function above(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
