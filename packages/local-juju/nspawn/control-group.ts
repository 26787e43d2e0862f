import { existsSync } from 'node:fs';
import { readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Where systemd keeps its control groups: version 1, a mix of both, version 2. */
const TOPS = ['/sys/fs/cgroup/systemd', '/sys/fs/cgroup/unified', '/sys/fs/cgroup'];

/**
 * A command that runs in a control group of its own. systemd-nspawn makes its groups below the one that it is started in, so
 * that machines started in the same one would share them: units of one name would end each other's processes.
 */
export function inOwnGroup(name: string, argv: readonly string[]): string[] {
  const script =
    'for top do shift; [ "$top" = -- ] && break; mkdir -p "$top" && echo $$ >"$top/cgroup.procs"; done; exec "$@"';
  return ['/bin/sh', '-c', script, 'sh', ...groups(name), '--', ...argv];
}

/** Removes the groups of a machine that is down. */
export async function removeGroup(name: string): Promise<void> {
  for (const group of groups(name)) await removeTree(group);
}

function groups(name: string): string[] {
  return TOPS.filter((top) => existsSync(join(top, 'cgroup.procs'))).map((top) => join(top, name));
}

/** The files in it are the kernel's; only the folders can go, from the innermost. */
async function removeTree(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(folder, entry.name));
  await rmdir(folder).catch(() => undefined);
}
