import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { Endpoint, ExecOptions, ExecResult, LocalMachine } from '../machine.ts';
import { runProcess } from '../run-process.ts';
import { inOwnGroup, removeGroup } from './control-group.ts';
import { host, hostTry, prepareHost } from './host.ts';
import { forgetMachine, leftovers, registerMachine } from './leftovers.ts';
import { closeNetwork, closeNetworkCommand, openNetwork, randomAddress } from './network.ts';
import { cachedRoot } from './root-cache.ts';

const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
const RECORD = 'machine.json';
const BOOT_SECONDS = 60;
/** A machine that takes longer to shut down is switched off. */
const STOP_SECONDS = 5;

export interface NspawnOptions {
  readonly id?: string;
  /**
   * `private` (unless given): an address of its own, reachable from this host and other machines, and no registries.
   * `host`: this host's network, with registries and with its ports, so that one such machine at a time is enough.
   */
  readonly network?: 'private' | 'host';
  /** Packages that are on the machine from its first boot. */
  readonly packages?: readonly string[];
  readonly suite?: string;
  /** It ends with this process: where that is killed, the next one that opens a machine removes it. */
  readonly temporary?: boolean;
  readonly log?: (line: string) => void;
}

const record = z.object({
  id: z.string(),
  name: z.string(),
  address: z.string(),
  network: z.enum(['private', 'host']),
  lower: z.string(),
});
type MachineRecord = z.infer<typeof record>;

/**
 * A real Debian with a real systemd, booted by systemd-nspawn. Needs root.
 *
 * Its files are an overlay over a root that all machines share: they survive a stop and a reboot, and a new machine
 * costs nothing to make.
 */
export class NspawnMachine implements LocalMachine {
  readonly kind = 'nspawn';
  readonly id: string;
  readonly address: string;
  readonly directory: string;
  readonly rootOnHost: string;
  readonly hookEnv = {};
  readonly hookPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  readonly #record: MachineRecord;
  #leader: number | undefined;

  private constructor(directory: string, made: MachineRecord) {
    this.directory = directory;
    this.id = made.id;
    this.address = made.address;
    this.rootOnHost = join(directory, 'root');
    this.#record = made;
  }

  /** Makes and boots a machine that ends with this process, for tests. */
  static async create(options: NspawnOptions = {}): Promise<NspawnMachine> {
    const directory = await mkdtemp(join(tmpdir(), 'nspawn-'));
    const machine = await NspawnMachine.open(directory, { ...options, temporary: true });
    process.once('exit', () => machine.#abandon());
    await machine.start();
    return machine;
  }

  /**
   * Opens the machine of a directory, and makes it first where there is none. It is not booted by this, and once
   * booted it outlives this process, unless it is temporary.
   */
  static async open(directory: string, options: NspawnOptions = {}): Promise<NspawnMachine> {
    await prepareHost(options.log);
    await NspawnMachine.#sweepUp();
    if (existsSync(join(directory, RECORD))) return NspawnMachine.#madeBefore(directory);
    const lower = await cachedRoot(options);
    const network = options.network ?? 'private';
    const made: MachineRecord = {
      id: options.id ?? '0',
      name: `machine-${randomBytes(4).toString('hex')}`,
      address: network === 'host' ? '127.0.0.1' : randomAddress(),
      network,
      lower,
    };
    for (const folder of ['root', 'upper', 'work']) await mkdir(join(directory, folder), { recursive: true });
    await writeFile(join(directory, RECORD), `${JSON.stringify(made)}\n`);
    const machine = new NspawnMachine(directory, made);
    if (options.temporary) await registerMachine(made.name, directory);
    await machine.#mount();
    return machine;
  }

  static async #madeBefore(directory: string): Promise<NspawnMachine> {
    return new NspawnMachine(directory, record.parse(JSON.parse(await readFile(join(directory, RECORD), 'utf8'))));
  }

  /** Removes machines that processes were killed over. */
  static async #sweepUp(): Promise<void> {
    for (const [name, directory] of await leftovers()) {
      if (existsSync(join(directory, RECORD))) await (await NspawnMachine.#madeBefore(directory)).destroy();
      else await forgetMachine(name);
    }
  }

  seenPath(path: string): string {
    return path;
  }

  async start(): Promise<void> {
    if (await this.#findLeader()) return;
    const { name, network, address } = this.#record;
    await this.#mount();
    if (network === 'private' && !existsSync(`/run/netns/${name}`)) await openNetwork(name, address);
    const log = openSync(join(this.directory, 'console.log'), 'a');
    const args = [
      '-q',
      '-D',
      this.rootOnHost,
      '-M',
      name,
      '--register=no',
      '--keep-unit',
      '--boot',
      '--timezone=off',
      '--link-journal=no',
    ];
    args.push(
      ...(network === 'private'
        ? [`--network-namespace-path=/run/netns/${name}`, '--resolv-conf=off']
        : ['--resolv-conf=copy-host']),
    );
    const [shell = '', ...command] = inOwnGroup(name, ['systemd-nspawn', ...args]);
    const nspawn = spawn(shell, command, { stdio: ['ignore', log, log], detached: true });
    nspawn.unref();
    await writeFile(join(this.directory, 'pid'), `${nspawn.pid}\n`);
    await this.#booted(nspawn);
  }

  async #booted(nspawn: ChildProcess): Promise<void> {
    const deadline = Date.now() + BOOT_SECONDS * 1000;
    while (Date.now() < deadline && nspawn.exitCode === null) {
      if (await this.#findLeader()) {
        const asked = await this.exec(['systemctl', 'is-system-running', '--wait'], { env: { PATH } });
        // `degraded` is up too: some unit of the base system may not like to be in a container
        if (['running', 'degraded'].includes(asked.stdout.trim())) return;
      }
      await wait(20);
    }
    const console = await readFile(join(this.directory, 'console.log'), 'utf8');
    await this.stop();
    throw new Error(
      `the machine ${this.#record.name} does not boot:\n${console.trim().split('\n').slice(-10).join('\n')}`,
    );
  }

  async stop(): Promise<void> {
    const pid = await this.#nspawnPid();
    const leader = await this.#findLeader();
    this.#leader = undefined;
    if (pid !== undefined) {
      signal(pid, 'SIGTERM');
      if (!(await gone(pid, STOP_SECONDS))) {
        // A killed systemd-nspawn would leave its machine running: the machine's first process takes all of it along.
        if (leader !== undefined) signal(leader, 'SIGKILL');
        await gone(pid, STOP_SECONDS);
        signal(pid, 'SIGKILL');
      }
    }
    for (const file of ['pid', 'leader']) await rm(join(this.directory, file), { force: true });
    if (this.#record.network === 'private') await closeNetwork(this.#record.name);
    await removeGroup(this.#record.name);
  }

  async reboot(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async destroy(): Promise<void> {
    await this.stop();
    await hostTry('umount', this.rootOnHost);
    await rm(this.directory, { recursive: true, force: true });
    await forgetMachine(this.#record.name);
  }

  /** Runs argv with just the environment given, which never is on a command line. */
  async exec(argv: readonly string[], options: ExecOptions): Promise<ExecResult> {
    const leader = await this.#findLeader();
    if (!leader) throw new Error(`the machine ${this.#record.name} is not up`);
    const inside = options.cwd ? ['/bin/sh', '-c', 'cd "$0" && exec "$@"', options.cwd, ...argv] : argv;
    return runProcess(['/usr/bin/nsenter', '-t', String(leader), '-a', '--', ...inside], { ...options, cwd: '/' });
  }

  endpoint(port: number): Promise<Endpoint> {
    return Promise.resolve({ host: this.address, port });
  }

  async #mount(): Promise<void> {
    if (await hostTry('mountpoint', '-q', this.rootOnHost)) return;
    const layers = `lowerdir=${this.#record.lower},upperdir=${join(this.directory, 'upper')},workdir=${join(this.directory, 'work')}`;
    await host('mount', '-t', 'overlay', 'overlay', '-o', layers, this.rootOnHost);
  }

  /** Process id of the machine's systemd on this host. The first child of systemd-nspawn is a transient one. */
  async #findLeader(): Promise<number | undefined> {
    if (this.#leader && (await commandOf(this.#leader)) === 'systemd') return this.#leader;
    const pid = await this.#nspawnPid();
    if (pid === undefined) return undefined;
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
    for (const child of children.trim().split(' ').filter(Boolean).map(Number)) {
      if ((await commandOf(child)) !== 'systemd') continue;
      this.#leader = child;
      await writeFile(join(this.directory, 'leader'), `${child}\n`);
    }
    return this.#leader;
  }

  async #nspawnPid(): Promise<number | undefined> {
    const pid = Number(await readFile(join(this.directory, 'pid'), 'utf8').catch(() => ''));
    return pid && (await commandOf(pid)) === 'systemd-nspawn' ? pid : undefined;
  }

  /** Removes everything at once, in a process that is ending and cannot wait. */
  #abandon(): void {
    if (!existsSync(this.directory)) return;
    const kill = `cd '${this.directory}' && kill -KILL $(cat leader pid 2>/dev/null) 2>/dev/null; cd /`;
    const unmount = `umount -l '${this.rootOnHost}' 2>/dev/null`;
    spawnSync(
      'sh',
      ['-c', `${kill}; ${unmount}; ${closeNetworkCommand(this.#record.name)}; rm -rf '${this.directory}'`],
      { timeout: 20_000 },
    );
  }
}

async function commandOf(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim();
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {}
}

/** Waits until a process has ended; a zombie counts. */
async function gone(pid: number, seconds: number): Promise<boolean> {
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline; await wait(20)) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    if (!stat || /\) Z /.test(stat)) return true;
  }
  return false;
}
