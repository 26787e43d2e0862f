/** Debian packages and the user: what must be on the machine before anything of the application runs. */
import type { HookContext } from '../../juju/types.ts';
import { type AptOptions, ensurePackages } from '../../system/apt.ts';
import { ensureDirectory } from '../../system/files.ts';
import type { Machine } from '../../system/machine.ts';
import { ensureUser } from '../../system/users.ts';
import type { Options } from '../config/options.ts';
import { ETC, STATE_DIRECTORY, VENVS } from '../paths.ts';
import type { Account } from '../source/data-paths.ts';
import { blocked, waiting } from '../status.ts';

/** What the charm itself needs: the interpreter with its venv module, and certificates to download with. */
const NEEDED = ['python3', 'python3-venv', 'ca-certificates'];

/**
 * Installs what is missing.
 *
 * @throws Problem that names the packages, or says what keeps apt from installing them
 */
export async function ensureSystemPackages(machine: Machine, juju: HookContext, options: Options): Promise<void> {
  const names = packagesFor(options);
  const settings: AptOptions = { lockTimeout: options.apt_lock_timeout, proxies: juju.unit.proxies };
  const result = await ensurePackages(machine, names, settings);
  if (result.ok) {
    if (result.installed.length > 0) juju.log('INFO', `installed ${result.installed.join(', ')}`);
    return;
  }
  switch (result.problem) {
    case 'unknown':
      return blocked(
        `apt_dependencies: there is no package ${result.names.join(', ')}; correct the name or add its source`,
      );
    case 'locked':
      return waiting('apt: another program is installing packages; it is tried again in the next hook');
    case 'unreachable':
      return waiting(`apt: the package index cannot be reached: ${result.detail}`);
    case 'failed':
      return blocked(`apt_dependencies: ${result.lastLine}`);
  }
}

/** Names of the Debian packages that have to be installed. */
export function packagesFor({ update_make_target, apt_dependencies }: Options): string[] {
  return [...NEEDED, ...(update_make_target.length > 0 ? ['make'] : []), ...apt_dependencies];
}

/** The user and group that the application runs as, and the folders that it and root need. */
export async function ensureAccount(machine: Machine, username: string): Promise<Account> {
  await ensureUser(machine, username, { home: STATE_DIRECTORY });
  await ensureDirectory(machine, ETC, { mode: 0o755 });
  await ensureDirectory(machine, VENVS, { mode: 0o755 });
  await ensureDirectory(machine, STATE_DIRECTORY, { mode: 0o750, owner: username, group: username });
  return { user: username, group: username };
}
