/** Servers and a browser from the distribution, for tests that need the real thing. `.ci/run` reads the packages' names here. */
import { globSync } from 'node:fs';
import { execa } from 'execa';
import { leftOut } from './required.ts';

interface Server {
  readonly package: string;
  /** Where its program is; a pattern, for some have a version in the path. */
  readonly program: string;
}

export const POSTGRESQL: Server = { package: 'postgresql', program: '/usr/lib/postgresql/*/bin/postgres' };
export const MARIADB: Server = { package: 'mariadb-server', program: '/usr/sbin/mariadbd' };
export const REDIS: Server = { package: 'redis-server', program: '/usr/bin/redis-server' };
export const RABBITMQ: Server = { package: 'rabbitmq-server', program: '/usr/lib/rabbitmq/bin/rabbitmqctl' };
export const HAPROXY: Server = { package: 'haproxy', program: '/usr/sbin/haproxy' };
export const PROMETHEUS: Server = { package: 'prometheus', program: '/usr/bin/prometheus' };
export const CHROMIUM: Server = { package: 'chromium', program: '/usr/bin/chromium' };

/**
 * Sees to it that a server is installed: root installs it, anybody else has it or has not.
 * @returns why the tests that need it are to be skipped, or undefined.
 * @throws Error where they may not be.
 */
export async function whyNotInstalled(server: Server): Promise<string | undefined> {
  if (isThere(server)) return undefined;
  if (process.getuid?.() !== 0) return leftOut(`${server.package} is not installed, and only root could install it`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', server.package];
  const first = await execa('apt-get', install, { env, reject: false });
  if (first.exitCode !== 0) {
    await execa('apt-get', ['update'], { env, reject: false });
    await execa('apt-get', install, { env, reject: false });
  }
  return isThere(server) ? undefined : leftOut(`apt-get could not install ${server.package}`);
}

const isThere = ({ program }: Server): boolean => globSync(program).length > 0;
