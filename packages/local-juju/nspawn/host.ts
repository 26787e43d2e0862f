import { execa } from 'execa';

/** A command of the host that machines need and that failed. */
class HostCommandError extends Error {
  override name = 'HostCommandError';
}

/**
 * Runs a program of the host with a plain environment and returns what it printed.
 * @throws HostCommandError with the last lines of its output.
 */
export async function host(program: string, ...args: readonly string[]): Promise<string> {
  const result = await execa(program, args, {
    reject: false,
    stdin: 'ignore',
    extendEnv: false,
    env: {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      LC_ALL: 'C.UTF-8',
      HOME: '/root',
      DEBIAN_FRONTEND: 'noninteractive',
      ...proxies(),
    },
    all: true,
  });
  if (result.failed) {
    const said = (result.all ?? '').trim().split('\n').slice(-5).join('\n');
    throw new HostCommandError(`${program} ${args[0] ?? ''} failed: ${said || result.shortMessage}`);
  }
  return result.stdout;
}

/** Whether it ended with 0; for questions and for undoing what may not be there. */
export async function hostTry(program: string, ...args: readonly string[]): Promise<boolean> {
  return host(program, ...args).then(
    () => true,
    () => false,
  );
}

function proxies(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of ['http_proxy', 'https_proxy', 'no_proxy']) {
    const value = process.env[name];
    if (value) found[name] = value;
  }
  return found;
}

const NEEDED = {
  'systemd-nspawn': 'systemd-container',
  debootstrap: 'debootstrap',
  ip: 'iproute2',
  nsenter: 'util-linux',
} as const;

/**
 * Sees to it that this host can boot machines; as root on Debian it installs what is missing, and says so.
 * @throws Error with what to do where it cannot.
 */
export async function prepareHost(log: (line: string) => void = () => undefined): Promise<void> {
  if (process.getuid?.() !== 0)
    throw new Error('machines of systemd-nspawn need root: run as root, or use the sandbox');
  const missing: string[] = [];
  for (const [program, pkg] of Object.entries(NEEDED)) {
    if (!(await hostTry('sh', '-c', `command -v ${program}`))) missing.push(pkg);
  }
  if (missing.length === 0) return;
  if (!(await hostTry('sh', '-c', 'command -v apt-get'))) {
    throw new Error(`install ${missing.join(', ')}: machines of systemd-nspawn need them`);
  }
  log(`installing ${missing.join(', ')}, which machines of systemd-nspawn need`);
  await host('apt-get', 'update', '-q');
  await host('apt-get', 'install', '-y', '-q', '-o', 'DPkg::Lock::Timeout=300', ...missing);
}
