import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { host } from './host.ts';

/** What every machine has; `procps` because systemd's own units and many others call `/bin/kill`. */
const INCLUDED = ['systemd', 'systemd-sysv', 'dbus', 'procps', 'python3', 'python3-venv', 'ca-certificates'];
const AUTHORITIES = '/usr/local/share/ca-certificates';

export interface RootOptions {
  /** Suite of debootstrap; Debian 12 unless given. */
  readonly suite?: string;
  /** Packages baked into the root beside the usual ones. */
  readonly packages?: readonly string[];
  readonly log?: (line: string) => void;
}

/**
 * The read-only root that machines of this kind share, made when it is not in the cache: some 45 s for a bare one, and
 * a copy of that with `packages` installed where there are any.
 *
 * The cache is $XDG_CACHE_HOME/layer-wsgi, else /var/cache/layer-wsgi for root; a root is named by a digest of what it
 * was made from.
 */
export async function cachedRoot(options: RootOptions = {}): Promise<string> {
  const suite = options.suite ?? 'bookworm';
  const packages = [...new Set(options.packages ?? [])].sort();
  const bare = await cached(['bare', suite, ...INCLUDED], options.log, async (root) => {
    options.log?.(`making a root of ${suite} by debootstrap`);
    await host('debootstrap', '--variant=minbase', `--include=${INCLUDED.join(',')}`, suite, root);
    await trustHostAuthorities(root);
    await writeFile(join(root, 'etc/resolv.conf'), '');
    await forgetIdentity(root);
  });
  if (packages.length === 0) return bare;
  return cached(['packages', suite, ...INCLUDED, '+', ...packages], options.log, async (root) => {
    options.log?.(`installing ${packages.join(' ')} into a root of ${suite}`);
    await host('cp', '-a', '--reflink=auto', `${bare}/.`, root);
    await inRoot(root, 'apt-get', 'update', '-q');
    await inRoot(root, 'apt-get', 'install', '-y', '-q', '--no-install-recommends', ...packages);
    await forgetIdentity(root);
  });
}

/** Name and id are each machine's own. */
async function forgetIdentity(root: string): Promise<void> {
  await rm(join(root, 'etc/hostname'), { force: true });
  await rm(join(root, 'var/lib/dbus/machine-id'), { force: true });
  await writeFile(join(root, 'etc/machine-id'), '');
}

async function cached(
  key: readonly string[],
  log: ((line: string) => void) | undefined,
  make: (root: string) => Promise<void>,
): Promise<string> {
  const folder = cacheFolder();
  await mkdir(folder, { recursive: true });
  const name = `${key[0]}-${key[1]}-${createHash('sha256').update(key.join('\n')).digest('hex').slice(0, 12)}`;
  const place = join(folder, name);
  const unlock = await lock(`${place}.lock`, log);
  try {
    if (existsSync(place)) return place;
    // Beside its place and then renamed: a root that is there is whole.
    const temporary = await mkdtemp(`${place}.making-`);
    try {
      await make(temporary);
      await host('chmod', '755', temporary);
      await rename(temporary, place);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
    return place;
  } finally {
    await unlock();
  }
}

/** A directory as a lock between processes; one whose maker has died is taken over. */
async function lock(path: string, log?: (line: string) => void): Promise<() => Promise<void>> {
  for (let said = false; ; ) {
    try {
      await mkdir(path);
      await writeFile(join(path, String(process.pid)), '');
      return () => rm(path, { recursive: true, force: true });
    } catch (problem) {
      if (!(problem instanceof Error && 'code' in problem && problem.code === 'EEXIST')) throw problem;
    }
    const [holder] = await readdir(path).catch(() => []);
    if (holder !== undefined && !existsSync(`/proc/${holder}`)) {
      await rm(path, { recursive: true, force: true });
      continue;
    }
    if (!said) log?.('waiting for another process that makes the same root');
    said = true;
    await wait(200);
  }
}

function cacheFolder(): string {
  const xdg = process.env.XDG_CACHE_HOME;
  if (xdg) return join(xdg, 'layer-wsgi');
  return process.getuid?.() === 0 ? '/var/cache/layer-wsgi' : join(homedir(), '.cache/layer-wsgi');
}

/** Registries may be behind an authority that only this host knows. */
async function trustHostAuthorities(root: string): Promise<void> {
  if (!existsSync(AUTHORITIES)) return;
  await cp(AUTHORITIES, join(root, AUTHORITIES), { recursive: true });
  await inRoot(root, 'update-ca-certificates');
}

function inRoot(root: string, ...argv: readonly string[]): Promise<string> {
  return host(
    'systemd-nspawn', '-q', '-D', root, '--register=no', '--keep-unit', '--as-pid2', '--pipe', '--resolv-conf=copy-host', '--timezone=off',
    '--setenv=DEBIAN_FRONTEND=noninteractive', ...argv,
  ); // biome-ignore format: one command
}
